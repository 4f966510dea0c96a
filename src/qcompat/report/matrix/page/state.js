// What is selected, and the same in the address, so that a view can be linked and gone back to.

const NOTHING = { q: "", machine: "", at: "", from: "", to: "", why: "", show: [], marks: [], open: "" };
let state = { ...NOTHING };

function stateOfAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const list = (name) => (given.get(name) || "").split(" ").filter(Boolean);
  const one = (name) => given.get(name) || "";
  return {
    q: one("q"), machine: one("machine"), at: one("at"), from: one("from"), to: one("to"), why: one("why"),
    show: list("show"), marks: list("marks"), open: one("open"),
  };
}

function addressOf(wanted) {
  const told = new URLSearchParams();
  for (const [name, value] of Object.entries(wanted)) {
    const text = Array.isArray(value) ? value.join(" ") : value;
    if (text) told.set(name, text);
  }
  return told.toString();
}

function choose(change, { quietly = false } = {}) {
  state = { ...state, ...change };
  const address = addressOf(state);
  const url = address ? `#${address}` : location.pathname + location.search;
  // Some browsers refuse a file's own address here; the view is worth more than its link.
  try {
    if (quietly) history.replaceState(null, "", url);
    else history.pushState(null, "", url);
  } catch { if (address) location.hash = address; }
  render();
}

function toggled(list, name) {
  return list.includes(name) ? list.filter((other) => other !== name) : [...list, name];
}
