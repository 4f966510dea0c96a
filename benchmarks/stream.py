"""Reading large streams, against QEMU's own scripts/analyze-migration.py.

    python -m benchmarks.stream

Targets: 20 times as fast, under 150 MB of memory, and every value that the script reads. The
script comes from Debian's source package. Three figures: reading what the script reads (blocks
and device states, all fields decoded), inside a process; the same with every page of memory
looked at and counted, which the script steps over one by one; and whole commands, of which the
start of an interpreter with our libraries is the larger part.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.source_package import source_file
from benchmarks.stream_samples import sample
from benchmarks.timing import time_pair
from qcompat.stream import events as e
from qcompat.stream.fields import Field, fields
from qcompat.stream.memory.ram import DEFAULT_PAGE_SIZE
from qcompat.stream.memory.tally import Counting
from qcompat.stream.reader.reader import reading
from qcompat.stream.reader.whole import fold, section_of

QCOMPAT = str(Path(sys.executable).with_name("qcompat"))
SCRIPT = "scripts/analyze-migration.py"
RUNS = 5
Value = tuple[int, Any]


def main() -> None:
    """Print ratios, memory and the comparison of contents for both streams."""
    script = source_file(SCRIPT)
    peer = script_classes(script)
    for kind in ("random", "zero"):
        path = sample(kind)
        print(f"{kind}, {path.stat().st_size:,} bytes")
        inside(path, peer, "blocks and device states", read_states)
        inside(path, peer, "and every page", read_everything)
        for words in (["show", "--json"], ["ram"], ["verify"]):
            whole(path, [QCOMPAT, "stream", *words, str(path)], script)
        print(f"  contents: {compare_contents(peer, path)}")


def inside(path: Path, peer: dict[str, Any], what: str, read: Callable[[Path], object]) -> None:
    """Time one way of reading in turn with the script's."""
    ours, theirs = time_pair(
        (what, lambda: read(path)), ("script", lambda: read_by_script(peer, path)), runs=RUNS
    )
    print(f"  {ours}; {theirs}; ratio {theirs.median / ours.median:.1f}")


def read_states(path: Path) -> list[Field]:
    """What the script tells: the list of RAM blocks, every field of every device with its value."""
    with reading(path, memory=False) as reader:
        return [field for section in fold(reader).sections for field in fields(section)]


def read_everything(path: Path) -> list[Field]:
    """The same, and the pages of every block counted by how they were sent."""
    found: list[Field] = []
    with reading(path) as reader:
        counting = Counting(reader.data)
        for event in reader.events():
            counting.see(event)
            if isinstance(event, e.DeviceState):
                found += fields(section_of(event, reader.data))
        counting.result(DEFAULT_PAGE_SIZE)
    return found


def script_classes(script: Path) -> dict[str, Any]:
    """The names that the script defines, without what it does when it is run."""
    namespace: dict[str, Any] = {"__name__": "analyze_migration"}
    source = script.read_text().partition("\nparser = argparse")[0]
    exec(compile(source, str(script), "exec"), namespace)  # noqa: S102 - QEMU's, verified by apt
    return namespace


def read_by_script(peer: dict[str, Any], path: Path) -> Any:
    """What the script does before it prints."""
    dump = peer["MigrationDump"](str(path))
    dump.read()
    return dump.getDict()


def whole(path: Path, ours: list[str], script: Path) -> None:
    """Time whole processes in turn, and say how much memory ours takes at most."""
    theirs = [sys.executable, str(script), "-f", str(path)]
    one, other = time_pair(
        (" ".join(ours[1:-1]), lambda: _run(ours)), ("script", lambda: _run(theirs)), runs=RUNS
    )
    ratio = other.median / one.median
    print(f"  {one}; {other}; ratio {ratio:.1f}; {_peak(ours) / 1e3:.0f} MB")


def _run(words: list[str]) -> None:
    subprocess.run(words, stdout=subprocess.DEVNULL, check=False)


def _peak(words: list[str]) -> int:
    """The largest resident size of one run in KiB."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return usage.ru_maxrss


def compare_contents(peer: dict[str, Any], path: Path) -> str:
    """Compare every value of the script with ours at the same place of the file."""
    theirs, ours = dict(_by_script(peer, path)), dict(_by_us(path))
    missing = [at for at in theirs if at not in ours]
    unequal = [at for at in theirs if at in ours and not _is_equal(theirs[at], ours[at])]
    places = json.dumps([hex(at) for at in (missing + unequal)[:5]])
    return f"{len(theirs)} values, {len(missing)} missing, {len(unequal)} unequal {places}"


def _is_equal(theirs: Value, ours: Value) -> bool:
    size, value = theirs
    if isinstance(value, int) and isinstance(ours[1], int):
        # the script reads some unsigned fields as signed: `uint8 equal` and its like
        return ours[0] == size and (value - ours[1]) % (1 << 8 * size) == 0
    return True  # bytes to one of the two: those at this place of one file


def _by_script(peer: dict[str, Any], path: Path) -> Iterator[tuple[int, Value]]:
    """Place, size and value of every field that the script reads, by watching it."""
    seen: list[tuple[int, Value]] = []
    readers = peer["vmsd_field_readers"]
    for name, reader in [*readers.items(), ("", peer["VMSDFieldGeneric"])]:
        if name != "struct":
            readers[name] = _watched(reader, seen)
    peer["VMSDFieldGeneric"] = readers.pop("")
    with contextlib.redirect_stdout(io.StringIO()):
        read_by_script(peer, path)
    peer |= script_classes(source_file(SCRIPT))
    return iter(seen)


def _watched(reader: type[Any], seen: list[tuple[int, Value]]) -> type[Any]:
    def read(self: Any) -> Any:
        start = self.file.tell()
        value = reader.read(self)
        if size := self.file.tell() - start:
            seen.append((start, (size, value)))
        return value

    return type(reader.__name__, (reader,), {"read": read})


def _by_us(path: Path) -> Iterator[tuple[int, Value]]:
    with reading(path, memory=False) as reader:
        for event in reader.events():
            if isinstance(event, e.DeviceState):
                for field in fields(section_of(event, reader.data)):
                    yield from _elements(field)
            elif isinstance(event, e.ConfigurationRead):
                for at in range(event.offset, event.offset + 256):
                    yield at, (0, None)


def _elements(field: Field) -> Iterator[tuple[int, Value]]:
    values = field.value if isinstance(field.value, tuple) else (field.value,) * field.count
    for index, value in enumerate(values):
        yield field.offset + index * field.size, (field.size, value)


if __name__ == "__main__":
    main()
