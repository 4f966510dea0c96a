"""The record of a run in the store: cells are written as they come, while the run goes on.

A thread writes, so that the disk never holds up a load. Only what loads showed is written;
verdicts are made again each time, since rules get better.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Sequence
from types import TracebackType

import msgspec
from sqlalchemy import Engine

from qcompat.errors import UNDECODABLE, StoreError
from qcompat.store import cells as store
from qcompat.trial.matrix.cell import Cell


class Record:
    """One run of a question. Inside its context `add` takes cells; leaving it writes them all."""

    def __init__(self, engine: Engine, question: str, *, resume: bool = False) -> None:
        self._engine = engine
        earlier = store.latest(engine, question) if resume else None
        self._run, self._before = earlier or (store.begin(engine, question), 0.0)
        self.is_resumed = earlier is not None
        self._start = time.monotonic()
        self._queue: queue.SimpleQueue[Sequence[Cell] | None] = queue.SimpleQueue()
        self._failure: BaseException | None = None
        self._writer = threading.Thread(target=self._write, name="qcompat-record")

    @property
    def seconds(self) -> float:
        """How long the run has taken, including the time before it was resumed."""
        return self._before + time.monotonic() - self._start

    def settled(self) -> tuple[Cell, ...]:
        """The cells of the earlier run that this one continues. Raises StoreError."""
        texts = store.cells(self._engine, self._run) if self.is_resumed else ()
        try:
            return tuple(msgspec.json.decode(text, type=Cell) for text in texts)
        except UNDECODABLE as error:
            raise StoreError(
                f"a cell of the earlier run cannot be read: {error}", "run it without --resume"
            ) from error

    def add(self, cells: Sequence[Cell]) -> None:
        """Write cells soon. Raises the StoreError of an earlier write that failed."""
        if self._failure is not None:
            raise self._failure
        self._queue.put(tuple(cells))

    def __enter__(self) -> Record:
        self._writer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._queue.put(None)
        self._writer.join()
        if self._failure is not None and kind is None:
            raise self._failure

    def _write(self) -> None:
        try:
            while (found := self._next()) is not None:
                store.add(self._engine, self._run, [_stored(c) for c in found], self.seconds)
        except BaseException as failure:  # raised by the next `add`, or at the end of the run
            self._failure = failure

    def _next(self) -> list[Cell] | None:
        """All cells that are waiting, once there are some; None at the end."""
        if (first := self._queue.get()) is None:
            return None
        found = list(first)
        while not self._queue.empty():
            more = self._queue.get()
            if more is None:
                self._queue.put(None)
                break
            found += more
        return found


def _stored(cell: Cell) -> store.StoredCell:
    return store.StoredCell(cell.key, msgspec.json.encode(cell).decode())
