// The few reasons behind the many cells: a reason selects the cells that share it.

const FEW_REASONS = 8;
let allReasons = false;

function renderReasons() {
  const cells = selected(["why"]);
  const failing = cells.filter((cell) => FAILS.has(cell.standing) || cell.standing === "flaky");
  const shown = failing.length ? failing : cells;
  const groups = [...tally(shown.filter((cell) => cell.reason), (cell) => cell.reason)]
    .sort((a, b) => b[1].length - a[1].length);
  byId("reasons-title").textContent = failing.length ? "Why they fail" : "What the guests see";
  const most = allReasons ? groups.length : FEW_REASONS;
  const items = groups.slice(0, most).map(([reason, its]) => element("li", {}, reasonButton(reason, its)));
  if (groups.length > FEW_REASONS) items.push(element("li", {}, moreReasons(groups.length)));
  if (!items.length) items.push(element("li", { class: "empty" }, cells.length ? "Nothing to show." : "No cells are selected."));
  keepFocus(byId("reasons"), "data-why", () => byId("reasons").replaceChildren(...items));
}

function reasonButton(reason, cells) {
  const on = state.why === reason;
  const guests = [...new Set(cells.map((cell) => cell.guest))];
  const some = guests.slice(0, 6).join(", ") + (guests.length > 6 ? ` and ${guests.length - 6} more` : "");
  return element("button", {
    type: "button", class: "reason", "aria-pressed": String(on), "data-why": reason,
    on: { click: () => { choose({ why: on ? "" : reason }); if (!on) reveal(byId("cells-title")); } },
  },
    element("b", { class: "count" }, cells.length.toLocaleString("en")),
    element("span", { class: "text" }, reason),
    element("span", { class: "guests" }, some));
}

function moreReasons(count) {
  const label = allReasons ? "Fewer reasons" : `All ${count} reasons`;
  return element("button", {
    type: "button", class: "link", "data-why": "\n", on: { click: () => { allReasons = !allReasons; renderReasons(); } },
  }, label);
}
