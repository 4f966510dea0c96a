// The page at its start, and what the keys do.

function render() {
  renderChips();
  renderGrids();
  renderReasons();
  renderCells();
}

function restore() {
  state = { ...NOTHING, ...stateOfAddress() };
  limit = PAGE;
  render();
}

byId("machine").append(
  element("option", { value: "" }, MACHINES.length === 1 ? MACHINES[0] : `all ${MACHINES.length}`),
  ...(MACHINES.length === 1 ? [] : MACHINES.map((machine) => element("option", { value: machine }, machine))),
);
byId("legend").append(...STANDINGS.filter((s) => CELLS.some((cell) => cell.standing === s.name)).map((s) =>
  element("li", {}, sign(s.name), ` ${s.meaning}`)));
let waiting = 0;
byId("q").addEventListener("input", (event) => {
  clearTimeout(waiting);
  waiting = setTimeout(() => choose({ q: event.target.value }, { quietly: true }), 80);
});
byId("machine").addEventListener("change", (event) => choose({ machine: event.target.value, at: "", from: "", to: "" }));
byId("reset").addEventListener("click", () => { choose({ ...NOTHING }); byId("q").focus(); });
byId("more").addEventListener("click", () => { limit += PAGE * 5; renderCells(); });
document.addEventListener("keydown", (event) => {
  const writing = event.target.matches("input, select, textarea");
  if (event.key === "/" && !writing) { event.preventDefault(); byId("q").focus(); }
  if (event.key === "Escape" && addressOf(state)) choose({ ...NOTHING });
});
addEventListener("hashchange", restore);
addEventListener("popstate", restore);
restore();
