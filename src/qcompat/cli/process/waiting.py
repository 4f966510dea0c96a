"""One line on the terminal of a user who waits: what is going on, and for how long.

It comes after two seconds without a word, is written over each second, and is gone when something
else is said. In a log, and in what a program reads, it never is.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator

from qcompat.local.doing import going_on
from qcompat.report.terminal.plain import printable

_PATIENCE, _STEP = 2.0, 1.0
_USUAL_WIDTH = 80
_CLEAR = "\r\x1b[K"


class _Line:
    """The line; said or drawn by one thread at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_shown = False
        self._since = time.monotonic()

    def draw(self) -> None:
        """Write what is going on, if there was a silence."""
        with self._lock:
            now = going_on()
            if not now or time.monotonic() - self._since < _PATIENCE:
                return
            what = ", ".join(dict.fromkeys(what for what, _ in now))
            text = printable(f"{what} … {max(seconds for _, seconds in now):.0f} s")
            sys.stderr.write(_CLEAR + text[: _width() - 1])
            sys.stderr.flush()
            self._is_shown = True

    def clear(self) -> None:
        """Take it away: something else is said now, or the work is done."""
        with self._lock:
            self._since = time.monotonic()
            if self._is_shown:
                sys.stderr.write(_CLEAR)
                sys.stderr.flush()
                self._is_shown = False


_LINE = _Line()
clear = _LINE.clear


@contextlib.contextmanager
def shown_while_waiting() -> Iterator[None]:
    """Show what is going on while the context lasts, where somebody looks on."""
    if not sys.stderr.isatty():
        yield
        return
    _LINE.clear()
    done = threading.Event()
    thread = threading.Thread(target=_redraw, args=(done,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        _LINE.clear()


def _width() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or _USUAL_WIDTH
    except OSError:
        return _USUAL_WIDTH


def _redraw(done: threading.Event) -> None:
    while not done.wait(_STEP):
        _LINE.draw()
