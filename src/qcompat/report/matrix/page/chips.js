// The row of filters: each with the number of cells that it would leave.

const FAILURES = ["crashes", "fails", "flaky"];

function chip({ label, signed, name, count, on, act }) {
  return element(
    "button",
    { type: "button", class: `chip ${name}`, "aria-pressed": String(on), "data-chip": name, on: { click: act } },
    element("span", { class: `sign ${name}`, "aria-hidden": "true" }, signed), ` ${label} `,
    element("b", {}, count.toLocaleString("en")),
  );
}

function renderChips() {
  const all = selected(["show", "marks"]);
  const count = (test) => all.reduce((sum, cell) => sum + (test(cell) ? 1 : 0), 0);
  const failures = FAILURES.every((name) => state.show.includes(name)) && state.show.length === FAILURES.length;
  const chips = [
    chip({
      label: "only failures", signed: "✗", name: "failures", on: failures,
      count: count((c) => FAILURES.includes(c.standing)),
      act: () => choose({ show: failures ? [] : FAILURES }),
    }),
    ...MARKS.map((mark) => ({ mark, found: count(mark.holds) }))
      .filter(({ mark, found }) => found || state.marks.includes(mark.name))
      .map(({ mark, found }) => chip({
        label: mark.label, signed: mark.sign, name: mark.name, count: found,
        on: state.marks.includes(mark.name),
        act: () => choose({ marks: toggled(state.marks, mark.name) }),
      })),
    ...STANDINGS.map((s) => ({ s, found: count((c) => c.standing === s.name) }))
      .filter(({ s, found }) => found || state.show.includes(s.name))
      .map(({ s, found }) => chip({
        label: s.name, signed: s.sign, name: s.name, count: found,
        on: !failures && state.show.includes(s.name),
        act: () => choose({ show: toggled(failures ? [] : state.show, s.name) }),
      })),
  ];
  keepFocus(byId("chips"), "data-chip", () => byId("chips").replaceChildren(...chips));
  byId("q").value = state.q;
  byId("machine").value = state.machine;
  byId("reset").hidden = addressOf({ ...state, open: "" }) === "";
}

// A list that is made anew would drop the focus of whoever works with the keyboard.
function keepFocus(list, name, renew) {
  const held = list.contains(document.activeElement) && document.activeElement.getAttribute(name);
  renew();
  if (held) list.querySelector(`[${name}="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
}
