"""How a run is shown on standard error: a bar on a terminal, some lines in a log."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar

from qcompat.app.matrix.matrix import MatrixWatcher
from qcompat.report.terminal.plain import printable
from qcompat.trial.matrix.deciding.batch import Batch, BatchReport
from qcompat.trial.matrix.deciding.estimate import Estimate

_LINE_SECONDS = 10.0
"""Between lines of a log."""


class Progress(MatrixWatcher):
    """What is known of a run; `show` is done with by whoever displays it."""

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0
        self._estimate = Estimate()
        self._start = time.monotonic()

    def resumed(self, cells: int) -> None:
        """So many cells are known from an earlier run."""
        self.done = cells
        if cells:
            self.show(f"{cells} known from the run before")

    def expected(self, batches: Iterable[Batch]) -> None:
        self._estimate.expected(batches)

    def replaced(self, batch: Batch) -> None:
        self._estimate.replaced(batch)

    def reported(self, report: BatchReport, cells: int) -> None:
        self._estimate.reported(report)
        self.done = min(self.done + cells, self.total)
        self.show(_told(self._estimate.left(time.monotonic() - self._start)))

    def copied(self, cells: int) -> None:
        self.done = min(self.done + cells, self.total)

    def looking(self, name: str, number: int, total: int) -> None:
        """Portraits of a guest are taken."""
        self.show(f"portraits of {printable(name)} ({number} of {total})")

    def show(self, what: str) -> None:
        """Display it."""


class _Bar(Progress):
    def __init__(self, total: int, bar: Bar) -> None:
        super().__init__(total)
        self._bar, self._task = bar, bar.add_task("migrations", total=total, left="")

    def show(self, what: str) -> None:
        self._bar.update(self._task, completed=self.done, left=what)


class _Lines(Progress):
    def __init__(self, total: int, console: Console) -> None:
        super().__init__(total)
        self._console, self._last = console, time.monotonic()

    def show(self, what: str) -> None:
        now = time.monotonic()
        if now - self._last >= _LINE_SECONDS:
            self._last = now
            words = f"{self.done} of {self.total} migrations" + (f", {what}" if what else "")
            self._console.print(words, soft_wrap=True)


@contextlib.contextmanager
def shown_progress(total: int) -> Iterator[Progress]:
    """Shows a run of so many cells while the context lasts; the bar is gone after it."""
    console = Console(stderr=True, highlight=False, markup=False)
    if not console.is_terminal:
        yield _Lines(total, console)
        return
    count = TextColumn("{task.completed} of {task.total}", markup=False)
    left = TextColumn("{task.fields[left]}", markup=False)
    text = TextColumn("{task.description}", markup=False)
    with Bar(text, BarColumn(), count, left, console=console, transient=True) as bar:
        yield _Bar(total, bar)


def _told(seconds: float | None) -> str:
    """`about 40 s left`: never finer than the estimate is."""
    if seconds is None:
        return ""
    if seconds < 90:
        return f"about {max(round(seconds / 5) * 5, 5)} s left"
    return f"about {round(seconds / 60)} min left"
