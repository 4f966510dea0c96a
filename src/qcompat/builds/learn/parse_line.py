"""What a build says to a command line that it only has to read.

`-version` at the end of a line has QEMU read all options before it, and then print its version and
end (the second pass over the options in qemu_init, softmmu/vl.c of 5.2 and 7.2, system/vl.c of
10.0): unknown options, parameters and values are refused, while no guest is made, nothing is
opened, no process forked. Kinds of back ends are looked up only when one is made (`back_ends`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.learn.ask import ask
from qcompat.builds.learn.back_ends import ALONE, NO_TYPE
from qcompat.errors import BuildError

_READS_A_FILE = frozenset({"readconfig", "smbios", "acpitable", "trace", "dtb"})
"""Options whose file QEMU opens while it reads them."""
_OF_HOST = {"runas": "0:0", "writeconfig": "/dev/null"}
"""Values that only the host can have: a user; a file that QEMU empties while it reads (5.2)."""
_USER = re.compile(r"(?<![^,])user=(?:[^,]|,,)*")


class Complaint(msgspec.Struct, frozen=True):
    """What a build said, and the words that it said it to: empty where it did not say."""

    words: tuple[str, ...]
    message: str


def complaint(build: Build, options: Sequence[tuple[str, ...]]) -> Complaint | None:
    """The first option that the build refuses to read; None where it reads all of them.

    `options` are the options of the line, each with its words. Errors: BuildError when the build
    cannot be asked.
    """
    asked = [(_harmless(words), words) for words in options if _name(words) not in _READS_A_FILE]
    line = [word for words, _ in asked for word in words]
    answer = ask(build, [*line, "-version"])
    if answer.code == 0 and b"version" in answer.output:
        return None
    told = [each for each in answer.errors.splitlines() if ": warning: " not in each]
    for row in reversed(told):
        if found := _blamed(row, asked):
            return found
    raise BuildError(
        f"build {build.name} did not read the line: "
        + ((told or [f"it ended with code {answer.code}"])[-1])
    )


def reads_json(build: Build, option: str, kind: str) -> bool:
    """Whether the build takes JSON as the option's value; `kind` is the key that names the kind.

    One that does not takes what stands before a comma for the kind, and finds no id.
    Errors: BuildError when the build cannot be asked.
    """
    value = f'{{"{kind}":"{NO_TYPE}","id":"qcompat"}}'
    answer = ask(build, [*ALONE, f"-{option}", value, "-device", NO_TYPE])
    said = answer.errors.replace(value, "")
    return "{" not in said and "Parameter 'id' is missing" not in said


def _name(words: Sequence[str]) -> str:
    return words[0].lstrip("-")


def _harmless(words: tuple[str, ...]) -> tuple[str, ...]:
    if _name(words) in _OF_HOST:
        return (words[0], _OF_HOST[_name(words)])
    if _name(words) == "run-with":
        return (words[0], _USER.sub("user=0:0", words[1]))
    return words


def _blamed(row: str, asked: Sequence[tuple[tuple[str, ...], tuple[str, ...]]]) -> Complaint | None:
    """`qemu-system-…: -vnc :0,acl: Invalid parameter 'acl'`: the option is repeated."""
    _, _, rest = row.partition(": ")
    found = [
        Complaint(given, rest.removeprefix(start).strip())
        for words, given in asked
        for start in _starts(words)
        if rest.startswith(start)
    ]
    return max(found, key=lambda each: len(" ".join(each.words)), default=None)


def _starts(words: tuple[str, ...]) -> Iterator[str]:
    yield f"{' '.join(words)}:"
    yield f"{words[0]}: "
