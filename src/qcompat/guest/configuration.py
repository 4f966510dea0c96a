"""QEMU's configuration file, which `-readconfig` names, as the arguments that it stands for.

    # from the first column on
    [device "balloon0"]
      driver = "virtio-balloon-pci"     → -device virtio-balloon-pci,id=balloon0
    [memory]
      size = "4G"                       → -m 4G

Here is the syntax alone; `given.line` opens the files. QEMU reads lines with sscanf
(util/qemu-config.c, qemu_config_foreach, 5.2 to 11.1): a section is named from the first column
on, a value stands in double quotes, without escapes, and whatever follows it is ignored. Where that
makes something else of a line than its author can mean (a value without quotes is empty, a comment
that is indented is a property), the line is an error here.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from functools import cache

import msgspec

from qcompat.errors import GuestError
from qcompat.guest.command_line import joined
from qcompat.guest.global_property import GlobalProperty
from qcompat.guest.known_options import KnownOption, known_options
from qcompat.guest.option import Pairs, format_fields

_MOST_IN_LINE = 1022
"""Bytes: QEMU cuts longer lines, and reads the rest as a line of its own."""
_SECTION = re.compile(r'\[([^\s\]"]{1,63})(?:\s+"([^"]{1,63})")?\s*\]')
_FIELD = re.compile(r'\s*([^\s="]{1,63})\s*=\s*"([^"]*)"')
_FIELD_OF_QEMU = re.compile(r'\s*\S+\s+=\s*"')
"""QEMU takes a key up to the next space, so there has to be one before the `=`."""
_MOST_PROBLEMS = 10


class _Section(msgspec.Struct):
    line: int
    group: str
    fields: dict[str, str]


def arguments_of(text: str, name: str) -> tuple[str, ...]:
    """The arguments that the file `name` with this text stands for, in its order.

    Errors: GuestError with all problems, each with its line, never with what stands there.
    """
    sections: list[_Section] = []
    words: list[str] = []
    problems: list[GuestError] = []
    for number, line in enumerate(text.split("\n"), 1):
        try:
            _read_line(line, number, sections)
        except GuestError as error:
            problems.append(_in_line(error, name, number))
            if not sections:
                break
    for section in sections:
        try:
            words += _words(section)
        except GuestError as error:
            problems.append(_in_line(error, name, section.line))
    if problems:
        raise joined(problems[:_MOST_PROBLEMS])
    return tuple(words)


def _in_line(error: GuestError, name: str, number: int) -> GuestError:
    return GuestError(f"{name}, line {number}: {error.message}", error.hint)


def _read_line(line: str, number: int, sections: list[_Section]) -> None:
    if not line or line.startswith("#"):
        return
    if len(line.encode()) > _MOST_IN_LINE:
        raise GuestError(
            "it is too long", f"QEMU reads {_MOST_IN_LINE} bytes: give the option as an argument"
        )
    if section := _SECTION.match(line):
        named = {"id": section[2]} if section[2] else {}
        sections.append(_Section(number, section[1], named))
        return
    field = _FIELD.match(line)
    if field is None or not _FIELD_OF_QEMU.match(line):
        raise GuestError("it is no line of a QEMU configuration file", _hint(line))
    if not sections:
        raise GuestError(f"{field[1]} stands before the first section", 'begin with [device "id"]')
    sections[-1].fields[field[1]] = field[2]


def _hint(line: str) -> str:
    if not line.strip():
        return "QEMU takes no line of spaces alone: empty it"
    if line.lstrip().startswith(("#", "[")):
        return "begin it in the first column"
    return 'write key = "value", with spaces around the ='


def _words(section: _Section) -> Iterator[str]:
    name, entry = _option_of(section.group)
    if "id" in section.fields and entry.merges:
        raise GuestError(
            f"a section [{section.group}] has no name", "leave it out: QEMU 7.2 on refuses it"
        )
    if entry.in_file:
        yield f"-{name}"
        yield _value(section, entry)


def _value(section: _Section, entry: KnownOption) -> str:
    pairs: Pairs = tuple(section.fields.items())
    if section.group != "global":
        return format_fields(pairs, entry.implied)
    if missing := [key for key in ("driver", "property", "value") if key not in section.fields]:
        raise GuestError(f"a section [global] lacks {missing[0]}", "name driver, property, value")
    return GlobalProperty(*(section.fields[key] for key in ("driver", "property", "value"))).text()


def _option_of(group: str) -> tuple[str, KnownOption]:
    name = groups().get(group)
    if name is None:
        near = difflib.get_close_matches(group, groups(), n=1, cutoff=0.6)
        hint = f"did you mean [{near[0]}]?" if near else f"there are {', '.join(groups())}"
        raise GuestError("it names no section that QEMU has", hint)
    return name, known_options()[name]


@cache
def groups() -> Mapping[str, str]:
    """The option of each section that a file can have."""
    return {entry.group: name for name, entry in known_options().items() if entry.group}
