// The matrix, from the numbers that payload.py writes to cells with names.

const DATA = JSON.parse(document.getElementById("data").textContent);
const TEXTS = DATA.texts;
const STANDINGS = DATA.standings;
const SIGN = Object.fromEntries(STANDINGS.map((s) => [s.name, s.sign]));
const FAILS = new Set(["crashes", "fails"]);

const CELLS = DATA.cells.map((row, index) => ({
  index,
  standing: STANDINGS[row[0]].name,
  order: row[0],
  contradicts: Boolean(row[1] & 1),
  oneway: Boolean(row[1] & 2),
  machine: TEXTS[row[2]],
  guest: TEXTS[row[3]],
  source: TEXTS[row[4]],
  target: TEXTS[row[5]],
  predicted: TEXTS[row[6]],
  happened: TEXTS[row[7]],
  message: TEXTS[row[8]],
  reason: TEXTS[row[9]],
  remedy: TEXTS[row[10]],
  counts: TEXTS[row[11]],
  what: TEXTS[row[12]],
  shifted: TEXTS[row[13]],
  company: TEXTS[row[14]],
  reasons: row[15].map((number) => TEXTS[number]),
  texts: [row[3], row[8], row[13], ...row[15]],
}));

const BUILDS = DATA.builds.map((number) => TEXTS[number]);
const MACHINES = [...new Set(CELLS.map((cell) => cell.machine))];
const short = (build) => build.slice(build.startsWith(DATA.prefix) ? DATA.prefix.length : 0);

// What can be shown alone; a mark is a question of its own, beside where a cell stands.
const MARKS = [
  { name: "contradicts", sign: "≠", label: "against verdict", holds: (c) => c.contradicts },
  { name: "oneway", sign: "⇥", label: "one-way", holds: (c) => c.oneway },
  { name: "worse", sign: "▼", label: "worse", holds: (c) => c.what === "worse" },
  { name: "unproven", sign: "▽", label: "no longer proven", holds: (c) => c.what === "unproven" },
  { name: "better", sign: "▲", label: "better", holds: (c) => c.what === "better" },
  { name: "new", sign: "+", label: "new", holds: (c) => c.what === "new" },
];
