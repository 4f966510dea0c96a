"""A matrix for a reader at a terminal: what is wrong with the verdicts, then what fails and why.

One line a reason, not one a cell: a few causes fail many cells. Long lists are counted, and
`verbose` shows them; every cell is in the page and in the JSON document.
"""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from qcompat.app.matrix.matrix import MatrixAnswer
from qcompat.report.matrix.change import write_change
from qcompat.report.matrix.grid import write_grid, write_legend
from qcompat.report.matrix.grouped import write_groups
from qcompat.report.matrix.reason import against, flaky_reason, reason_of
from qcompat.report.matrix.tally import failing, fields, flaky_cells, groups, machines
from qcompat.report.output import Output
from qcompat.report.terminal.layout import columns, hang, plain, unbroken
from qcompat.report.verdict import exit_text
from qcompat.trial.matrix.cell import Matrix

_WRONG = "contradict their verdict (a bug in a rule: please report it)"
_FLAKY = "flaky: the outcome varies between runs"
_PARTIAL = "loads, tried without a part of the guest"


def write(answer: MatrixAnswer, out: Output) -> None:
    """Print all of it; nothing is lost on a narrow console."""
    _write_head(answer.matrix, out)
    _write_matrix(answer.matrix, out.console, out.verbose)
    if answer.change:
        write_change(answer.change, out)
    for path in answer.kept:
        unbroken(out.console, plain(f"kept for a bug report: {path}"))


def _write_matrix(matrix: Matrix, console: Console, verbose: bool) -> None:
    counted = fields(matrix.cells)
    for machine in machines(matrix):
        console.print()
        write_grid(machine, tuple(matrix.builds), counted, console)
    console.print()
    write_legend(counted, console)
    for title, cells, reason in (
        (_WRONG, [cell for cell in matrix.cells if cell.contradicts], against),
        (_FLAKY, [cell for cell in matrix.cells if cell.is_flaky], flaky_reason),
        (_PARTIAL, [c for c in matrix.cells if c.is_partial and not c.is_barred], reason_of),
        ("fails, by reason", failing(matrix.cells), reason_of),
    ):
        write_groups(title, groups(cells, reason), console, verbose)
    _write_left_out(matrix, console, verbose)


def _write_head(matrix: Matrix, out: Output) -> None:
    console, cells = out.console, matrix.cells
    fail, flaky = len(failing(cells)), len(flaky_cells(cells))
    wrong = sum(cell.contradicts for cell in cells)
    loads = len(cells) - fail - flaky
    head = Text.assemble((f"{len(cells)} migrations: ", "bold"), (f"{loads} load", "green"))
    for count, what in ((fail, "fail"), (flaky, "flaky"), (wrong, "contradict their verdict")):
        if count:
            head.append(f", {count} {what}", "bold red")
    how = f", with {matrix.accel}" if matrix.accel else ""
    hang(console, Text(), head + Text(f"{how}, in {matrix.seconds:.0f} s{exit_text(out)}", "dim"))
    columns(console, 2, [(plain(name), plain(what)) for name, what in matrix.builds.items()])


def _write_left_out(matrix: Matrix, console: Console, verbose: bool) -> None:
    count = len(matrix.left_out)
    if not count:
        return
    console.print()
    if verbose:
        console.print(Text("left out", "bold"))
        columns(console, 2, [(plain(n), plain(r)) for n, r in matrix.left_out.items()])
        return
    what = "1 guest was" if count == 1 else f"{count} guests were"
    console.print(Text(f"{what} left out (-v shows why)", "dim"))
