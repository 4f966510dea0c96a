// Making elements. Texts only ever become text: nothing here or elsewhere parses HTML.

const byId = (id) => document.getElementById(id);

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, act] of Object.entries(value)) made.addEventListener(event, act);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
}

const sign = (name) => element("span", { class: `sign ${name}`, "aria-hidden": "true" }, SIGN[name]);

const plural = (count, one, many) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
