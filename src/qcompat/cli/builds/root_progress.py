"""How work on a root is shown: a bar on a terminal, a line for each step in a log."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from qcompat.builds.roots import Progress as RootProgress
from qcompat.report.terminal.plain import printable


@contextlib.contextmanager
def shown_progress(title: str) -> Iterator[RootProgress]:
    """Shows the work on standard error while the context lasts; the bar is gone after it."""
    console = Console(stderr=True, highlight=False, markup=False)
    if not console.is_terminal:
        yield _Lines(title, console)
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        yield _Bar(title, bar, bar.add_task(title, total=1.0))


class _Lines:
    def __init__(self, title: str, console: Console) -> None:
        self._title, self._console, self._last = title, console, ""

    def step(self, what: str, share: float) -> None:  # noqa: ARG002 - a log has no shares
        if what != self._last:
            self._console.print(f"{self._title}: {what}", soft_wrap=True)
        self._last = what

    def warn(self, message: str) -> None:
        self._console.print(printable(f"{self._title}: warning: {message}"), soft_wrap=True)


class _Bar:
    def __init__(self, title: str, bar: Progress, task: TaskID) -> None:
        self._title, self._bar, self._task = title, bar, task

    def step(self, what: str, share: float) -> None:
        self._bar.update(self._task, description=f"{self._title}: {what}", completed=share)

    def warn(self, message: str) -> None:
        self._bar.console.print(printable(f"{self._title}: warning: {message}"))
