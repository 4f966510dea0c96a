// Which cells a selection leaves, with one question left out where its answers are counted.

function matches(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return () => true;
  // Each text is searched once, however many cells say it.
  const hits = words.map((word) => TEXTS.map((text) => text.toLowerCase().includes(word)));
  return (cell) => hits.every((hit) => cell.texts.some((number) => hit[number]));
}

function selected(without = []) {
  const asks = (name) => !without.includes(name) && state[name].length;
  const marks = MARKS.filter((mark) => state.marks.includes(mark.name));
  const tests = [
    asks("q") && matches(state.q),
    asks("machine") && ((c) => c.machine === state.machine),
    asks("at") && ((c) => c.machine === state.at),
    asks("from") && ((c) => c.source === state.from),
    asks("to") && ((c) => c.target === state.to),
    asks("why") && ((c) => c.reason === state.why),
    asks("show") && ((c) => state.show.includes(c.standing)),
    asks("marks") && ((c) => marks.every((mark) => mark.holds(c))),
  ].filter(Boolean);
  return CELLS.filter((cell) => tests.every((test) => test(cell)));
}

function tally(cells, key) {
  const counted = new Map();
  for (const cell of cells) {
    const name = key(cell);
    if (!counted.has(name)) counted.set(name, []);
    counted.get(name).push(cell);
  }
  return counted;
}
