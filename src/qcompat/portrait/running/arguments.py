"""The arguments of a running QEMU's process, as the kernel shows them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from qcompat.guest.given.forms.process import words_of_process
from qcompat.guest.given.recognise import MOST_BYTES
from qcompat.guest.program import is_emulator
from qcompat.portrait.portrait import Gap


def arguments_of(pid: int | None, uuid: str = "") -> tuple[tuple[str, ...], Gap | None]:
    """The words of that process, program first; or why there are none.

    Where the process is not a QEMU (libvirt makes the socket and hands it over), these are the
    words of the only QEMU of this machine that was started with `uuid`.
    """
    words = words_of(pid) if pid is not None else ()
    if _is_qemu(words):
        return words, None
    found = list(_with_uuid(uuid)) if uuid else []
    if len(found) == 1:
        return found[0], None
    if pid is None:
        return (), Gap("arguments", "the process behind the socket cannot be seen from here")
    said = f"which is {words[0]}" if words else "which cannot be read"
    return (), Gap("arguments", f"the socket was made by process {pid}, {said}")


def words_of(pid: int) -> tuple[str, ...]:
    """The words of a process, program first; none where it has ended, or may not be read."""
    return _of_process(Path(f"/proc/{pid}"))


def _of_process(place: Path) -> tuple[str, ...]:
    try:
        with (place / "cmdline").open("rb") as file:
            return words_of_process(file.read(MOST_BYTES))
    except OSError:
        return ()


def _is_qemu(words: tuple[str, ...]) -> bool:
    return bool(words) and is_emulator(words[0])


def _with_uuid(uuid: str) -> Iterator[tuple[str, ...]]:
    for place in Path("/proc").glob("[0-9]*"):
        words = _of_process(place)
        if _is_qemu(words) and ("-uuid", uuid.lower()) in pairwise(map(str.lower, words)):
            yield words
