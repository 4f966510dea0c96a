// The list of cells, the worst first; one opens to say what was said, what happened, what helps.

const PAGE = 100;
let limit = PAGE;

function renderCells() {
  const cells = selected().sort((a, b) =>
    b.contradicts - a.contradicts || a.order - b.order || a.index - b.index);
  const parts = [
    plural(cells.length, "migration", "migrations"),
    state.from && `${state.from} → ${state.to}`, state.at || state.machine, state.why && `because: ${state.why}`,
  ].filter(Boolean);
  byId("selection").textContent = parts.join(" · ");
  const shown = cells.slice(0, limit);
  const open = cells.find((cell) => String(cell.index) === state.open);
  if (open && !shown.includes(open)) shown.unshift(open);
  keepFocus(byId("cells"), "data-cell", () =>
    byId("cells").replaceChildren(...shown.map((cell) => row(cell, cell === open))));
  const rest = cells.length - shown.length;
  byId("more").hidden = rest <= 0;
  byId("more").textContent = `Show ${Math.min(rest, PAGE * 5).toLocaleString("en")} more of ${rest.toLocaleString("en")}`;
}

function row(cell, open) {
  const id = `cell-${cell.index}`;
  return element("li", { class: open ? "open" : "" },
    element("button", {
      type: "button", class: "row", "aria-expanded": String(open), "aria-controls": id, "data-cell": cell.index,
      on: { click: () => choose({ open: open ? "" : String(cell.index) }, { quietly: true }) },
    },
      element("span", { class: `state ${cell.standing}` }, sign(cell.standing), ` ${cell.standing}`),
      element("span", { class: "guest" }, cell.guest),
      element("span", { class: "way" }, `${short(cell.source)} → ${short(cell.target)}`),
      element("span", { class: "board" }, cell.machine),
      element("span", { class: "marks" }, ...MARKS.filter((mark) => mark.holds(cell)).map((mark) =>
        element("span", { class: `mark ${mark.name}` }, `${mark.sign} ${mark.label}`))),
      element("span", { class: "why" }, cell.counts || cell.shifted || cell.reason)),
    open ? details(cell, id) : null);
}

function details(cell, id) {
  const facts = [
    ["migration", `${cell.guest} on ${cell.machine}, ${cell.source} → ${cell.target}`],
    ["predicted", cell.predicted || "nothing: no portraits were available"],
    ["happened", cell.happened + (cell.company && ` (${cell.company})`)],
    ["seen", cell.counts],
    ["baseline", cell.shifted],
    ["no way back", cell.oneway ? `${cell.target} → ${cell.source} fails` : ""],
  ].filter(([, value]) => value);
  return element("div", { class: "details", id },
    element("dl", {}, ...facts.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])),
    cell.reasons.length ? element("h3", {}, "Reasons") : null,
    cell.reasons.length ? element("ul", { class: "reasons" }, ...cell.reasons.map((r) => element("li", {}, r))) : null,
    pasted("What QEMU said", cell.message),
    pasted("Remedy, set on the target", cell.remedy));
}

function pasted(title, text) {
  if (!text) return "";
  const button = element("button", { type: "button", class: "copy" }, "Copy");
  button.addEventListener("click", async () => {
    button.textContent = (await copy(text)) ? "Copied" : "Select it and copy by hand";
  });
  return element("div", { class: "pasted" }, element("h3", {}, title), button, element("pre", { tabindex: "0" }, text));
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const held = element("textarea", { class: "skip" });
    held.value = text;
    document.body.append(held);
    held.select();
    const done = document.execCommand("copy");
    held.remove();
    return done;
  }
}
