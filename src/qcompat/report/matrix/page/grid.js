// One grid a machine type: rows are sources, columns targets; a field selects its cells.

function renderGrids() {
  const machines = tally(selected(["at", "from", "to"]), (cell) => cell.machine);
  const shown = MACHINES.filter((machine) => !state.machine || machine === state.machine);
  keepFocus(byId("grids"), "data-field", () =>
    byId("grids").replaceChildren(...shown.map((machine) => grid(machine, machines.get(machine) || []))));
}

const BUILDS_OF = new Map(MACHINES.map((machine) => {
  const named = new Set();
  for (const cell of CELLS) if (cell.machine === machine) named.add(cell.source).add(cell.target);
  return [machine, BUILDS.filter((build) => named.has(build))];
}));

function grid(machine, cells) {
  const builds = BUILDS_OF.get(machine);
  const fields = tally(cells, (cell) => `${cell.source}\n${cell.target}`);
  const head = element("tr", {}, element("td", { class: "prefix" }, DATA.prefix), ...builds.map((build) =>
    element("th", { scope: "col", title: build }, short(build))));
  const rows = builds.map((source) => element("tr", {},
    element("th", { scope: "row", title: source }, short(source)),
    ...builds.map((target) => source === target
      ? element("td", { class: "self" }, "·")
      : element("td", {}, field(machine, source, target, fields.get(`${source}\n${target}`) || [])))));
  return element("div", { class: "scroll" }, element("table", { class: "grid" },
    element("caption", {}, machine),
    element("thead", {}, head), element("tbody", {}, ...rows)));
}

function field(machine, source, target, cells) {
  const counts = STANDINGS.map((s) => [s.name, cells.filter((c) => c.standing === s.name).length]);
  const present = counts.filter(([, count]) => count);
  const fails = present.filter(([name]) => FAILS.has(name)).reduce((sum, [, count]) => sum + count, 0);
  const rest = present.filter(([name]) => !FAILS.has(name));
  const worst = present.length ? present[0][0] : "none";
  const wrong = cells.some((cell) => cell.contradicts);
  const spoken = present.map(([name, count]) => `${count} ${name}`).join(", ") || "no cells";
  const on = state.from === source && state.to === target && state.at === machine;
  return element("button", {
    type: "button", class: `field ${worst}${fails > cells.length / 5 ? " heavy" : ""}`, "aria-pressed": String(on),
    "data-field": `${machine} ${source} ${target}`,
    "data-machine": machine, "data-source": source, "data-target": target,
    "aria-label": `${source} to ${target}, ${machine}: ${spoken}`,
    on: { click: () => chooseField(machine, source, target, on), keydown: walk },
  },
    element("span", { class: "first" },
      ...(fails ? [sign(worst), element("b", { "data-count": "failing" }, String(fails)), element("span", { class: "word" }, " fail")] : cells.length ? ["all load"] : ["–"]),
      wrong ? element("span", { class: "wrong", title: "contradicts its verdict" }, " ≠") : null),
    element("span", { class: "second" }, ...rest.flatMap(([name, count]) =>
      [element("span", { class: name, "data-count": name }, `${SIGN[name]}${count}`), " "])),
    bar(present, cells.length));
}

function bar(present, total) {
  const made = element("span", { class: "bar", "aria-hidden": "true" });
  for (const [name, count] of present) {
    const part = element("i", { class: name });
    part.style.flexGrow = String(count / total);
    made.append(part);
  }
  return made;
}

function chooseField(machine, source, target, on) {
  if (on) return choose({ at: "", from: "", to: "" });
  choose({ at: machine, from: source, to: target });
  reveal(byId("cells-title"));
}

// Where the list is out of sight, selecting a field would seem to do nothing.
function reveal(title) {
  if (title.getBoundingClientRect().top > innerHeight * 0.8) title.scrollIntoView({ block: "start" });
}

function walk(event) {
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
  if (!step) return;
  const place = event.currentTarget.parentElement;
  const rows = [...place.closest("tbody").rows];
  for (let [row, column] = [rows.indexOf(place.parentElement), place.cellIndex]; ;) {
    [row, column] = [row + step[0], column + step[1]];
    const next = rows[row]?.cells[column];
    if (!next) return;
    const button = next.querySelector("button");
    if (button) { event.preventDefault(); button.focus(); return; }
  }
}
