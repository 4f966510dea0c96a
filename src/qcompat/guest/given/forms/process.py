"""The words of a process as Linux shows them in /proc/PID/cmdline: each ends in a zero byte."""

from __future__ import annotations

from qcompat.guest.given.form import Form, Given, Mismatch, shown
from qcompat.guest.guest import Uncovered
from qcompat.guest.program import is_emulator

AS_STARTED = Uncovered(
    "hot plug",
    "the words of a process are those of its start: what was plugged in or unplugged since then is "
    "not known; its monitor tells (--qmp, --pid or --domain)",
    loses="nothing",
)


def words_of_process(data: bytes) -> tuple[str, ...]:
    """The words, the program first; none for a process without any, such as a kernel thread."""
    text = data.decode(errors="surrogateescape")
    return tuple(text.removesuffix("\0").split("\0")) if text else ()


def _mismatch(data: bytes) -> Mismatch | None:
    if b"\0" not in data:
        return Mismatch("no zero byte ends a word")
    first, _, rest = data.partition(b"\0")
    if rest.startswith(b"-") or is_emulator(first.decode(errors="surrogateescape")):
        return None
    word = shown(first.decode(errors="backslashreplace"))
    return Mismatch(f"as the words of a process, {word} is not an emulator", is_near=True)


def _read(data: bytes, name: str) -> tuple[Given, ...]:
    return (Given(words_of_process(data), name, (AS_STARTED,)),)


FORM = Form(
    name="a copy of /proc/PID/cmdline",
    example=b"/usr/libexec/qemu-kvm\0-machine\0q35\0-name\0my guest\0",
    mismatch=_mismatch,
    read=_read,
)
