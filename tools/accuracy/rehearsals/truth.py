"""What was measured: a file of cells, and beside it the running guests that they are about.

With those every verdict is made again without any running guest. A run that was interrupted
continues where it stopped: a guest in one state is written whole.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from qcompat.local.whole_file import write_whole
from qcompat.portrait.portrait import MemoryBlock, Portrait
from qcompat.portrait.running.stream import stream_of_now
from tools.accuracy.rehearsals.cell import Cell, State


class Taken(msgspec.Struct, frozen=True):
    """What was taken of a running guest: its device state, and its memory blocks.

    `blocked` is why its QEMU would not migrate it; then there is no state.
    """

    state: bytes
    memory: tuple[MemoryBlock, ...]
    blocked: tuple[str, ...] = ()

    def portrait(self, twin: Portrait) -> Portrait:
        """The guest as it was, from its paused twin."""
        if twin.stream is None or self.blocked:
            return msgspec.structs.replace(twin, moment="running")
        stream = stream_of_now(twin.stream, self.state, self.memory, twin.facts)
        memory = self.memory or twin.memory
        return msgspec.structs.replace(twin, moment="running", stream=stream, memory=memory)


class Truth:
    """The file `path`, one cell a line, and the directory `path.now` of running guests."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guests = path.with_name(f"{path.name}.now")

    def cells(self) -> tuple[Cell, ...]:
        """The cells that were measured."""
        lines = self._path.read_bytes().splitlines() if self._path.exists() else []
        return tuple(msgspec.json.decode(line, type=Cell) for line in lines)

    def states(self, guest: str, machine: str, source: str) -> frozenset[State]:
        """The states in which a guest was measured."""
        wanted = (guest, machine, source)
        return frozenset(c.state for c in self.cells() if (c.guest, c.machine, c.source) == wanted)

    def add(self, cells: tuple[Cell, ...], taken: Taken) -> None:
        """Add the cells of one guest in one state, and the guest itself."""
        self._guests.mkdir(parents=True, exist_ok=True)
        write_whole(self._place(cells[0]), msgspec.msgpack.encode(taken))
        with self._path.open("ab") as file:
            file.write(b"".join(msgspec.json.encode(cell) + b"\n" for cell in cells))

    def taken(self, cell: Cell) -> Taken:
        """The running guest that a cell is about."""
        return msgspec.msgpack.decode(self._place(cell).read_bytes(), type=Taken)

    def _place(self, cell: Cell) -> Path:
        words = (cell.guest, cell.machine, cell.source, cell.state)
        return self._guests / f"{'_'.join(words).replace(' ', '-')}.state"
