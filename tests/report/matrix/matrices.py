"""Matrices for the tests of what is shown: a real one, one with every oddity, and any."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import get_args

from hypothesis import strategies as st

from qcompat.app.matrix.matrix import MatrixAnswer
from qcompat.qemu.outcome import Outcome
from qcompat.report.forms import write
from qcompat.report.matrix.document import read
from qcompat.report.output import Output
from qcompat.rules.finding import Arg, Finding
from qcompat.rules.subject import GUEST, Subject
from qcompat.trial.matrix.baseline import Change
from qcompat.trial.matrix.cell import Cell, Matrix
from qcompat.verdict.gate import Exit, Gate
from qcompat.verdict.judgement import Answer

REAL_FILE = Path(__file__).parents[2] / "data" / "matrix" / "debian-canaries.json"
"""Canaries of 32 devices on five Debian builds with KVM, each loaded alone, with its verdict."""

HOSTILE = (
    "</script><script>document.title='owned'</script><!-- <img src=x onerror=alert(1)> "
    "\x1b[31m \x00 \u2028 ]]> & \" ' {{ 7*7 }} 漢字 \ufffe"
)
KINDS = ("loaded", "refused", "no_start", "no_stream", "crashed", "hung")


@cache
def real() -> Matrix:
    """The matrix in the repository."""
    return read(REAL_FILE)


def cell(
    source: str = "a-1",
    target: str = "a-2",
    *,
    guest: str = "e1000e",
    machine: str = "pc-q35-7.2",
    kind: str = "loaded",
    message: str = "",
    predicted: Answer | None = "ok",
    reasons: tuple[Finding | str, ...] = (),
    remedy: str = "",
    counts: dict[str, int] | None = None,
) -> Cell:
    """One cell, which loads and sees no change unless something else is said."""
    return Cell(
        machine=machine,
        guest=guest,
        source=source,
        target=target,
        outcome=Outcome(kind, message),  # type: ignore[arg-type]
        counts=counts or {},
        predicted=predicted,
        reasons=reasons,
        remedy=remedy,
    )


def matrix(*cells: Cell, left_out: dict[str, str] | None = None, accel: str = "kvm") -> Matrix:
    """A matrix of these cells and their builds."""
    names = sorted({name for cell in cells for name in (cell.source, cell.target)})
    return Matrix({name: f"package of {name}" for name in names}, cells, left_out or {}, accel, 1.5)


def finding(rule: str, subject: Subject = GUEST, **args: Arg) -> Finding:
    """A finding as a cell keeps it."""
    return Finding(rule, "unchanged", "certain", subject, args, ())


GAINED = finding("virtio_feature_added_on_target", names=("F_X",))

ODD = matrix(
    cell(kind="refused", message=HOSTILE, predicted="blocked", reasons=(HOSTILE,), remedy=HOSTILE),
    cell("a-2", "a-1", message="", reasons=(GAINED,), predicted="drift"),
    cell(guest="waverer", counts={"loaded": 3, "refused": 1}),
    cell(guest="liar", kind="crashed", message="signal 11", predicted="ok"),
    cell(guest=HOSTILE, kind="hung", message="no answer", predicted=None),
    left_out={"usb-mtp": HOSTILE},
)
"""A fail with the way back open, a flaky cell, a contradiction, and texts that mean harm."""

_texts = st.text(max_size=12)
_names = st.sampled_from(["a-1", "a-2", "b-1", "b-2"])


_reasons = st.builds(
    lambda name, device: finding(
        "pci_read_changed", Subject("device", device), registers=(name, name)
    ),
    _texts,
    _texts,
)


@st.composite
def matrices(draw: st.DrawFn) -> Matrix:
    """Any matrix: each cell once, all of builds that it lists."""
    pairs = st.tuples(_names, _names).filter(lambda pair: pair[0] != pair[1])
    keys = draw(st.lists(st.tuples(_texts, pairs), unique=True, min_size=1, max_size=6))
    cells = [
        cell(
            *pair,
            guest=guest,
            kind=draw(st.sampled_from(KINDS)),
            message=draw(_texts),
            predicted=draw(st.sampled_from([None, *get_args(Answer)])),
            reasons=tuple(draw(st.lists(_texts | _reasons, max_size=2))),
            remedy=draw(_texts),
            counts=draw(st.dictionaries(st.sampled_from(KINDS), st.integers(1, 9), max_size=2)),
        )
        for guest, pair in keys
    ]
    return matrix(*cells, left_out=draw(st.dictionaries(_texts, _texts, max_size=2)))


def written(
    form: str,
    each: Matrix,
    change: Change | None = None,
    *,
    width: int = 120,
    verbose: bool = False,
) -> str:
    """A matrix in one of its forms."""
    out = io.StringIO()
    write(
        "matrix",
        form,
        MatrixAnswer(each, change),
        Output(out, width=width, verbose=verbose, exit_=Exit(0, Gate("loads"))),
    )
    return out.getvalue()
