"""A configuration of Proxmox VE as keys and values: its main section, and what the others mean.

    # a comment              the description
    memory: 2048             the guest as it starts next
    [PENDING]                what waits for the next start
    memory: 4096
    [before-update]          a snapshot, or a special section

(src/PVE/QemuServer.pm, parse_vm_config.)
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from qcompat.errors import GuestError
from qcompat.guest.command_line import joined
from qcompat.guest.given.form import shown
from qcompat.guest.given.proxmox.facts import facts

_SECTION = re.compile(r"\[([^\]]*)\]\s*")
_LINE = re.compile(r"([a-z][a-z_-]*\d*):(.*)")
_NUMBERED = re.compile(r"([a-z]+)(0|[1-9]\d{0,2})")
_TRUE = frozenset({"1", "on", "yes", "true"})
_FALSE = frozenset({"0", "off", "no", "false"})
_MOST_PROBLEMS = 10


class Conf(msgspec.Struct, frozen=True):
    """The main section; `pending` are the keys that the next start changes, `unknown` those that
    are none of Proxmox VE 9.2.
    """

    values: Mapping[str, str]
    pending: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def get(self, key: str, default: str = "") -> str:
        return self.values.get(key) or default

    def flag(self, key: str, default: bool = False) -> bool:
        """A switch. Errors: GuestError."""
        return switch(self.values.get(key), key, default)

    def number(self, key: str, default: int) -> int:
        """A number that is not 0; the default also for 0. Errors: GuestError."""
        return whole(self.values.get(key, ""), key) or default

    def properties(self, key: str, first: str = "") -> dict[str, str]:
        """A value of the kind `FIRST,key=value,…`. Errors: GuestError."""
        return properties(self.values.get(key, ""), key, first)


def switch(value: str | None, key: str, default: bool = False) -> bool:
    """A switch as Proxmox reads it; the default where there is none. Errors: GuestError."""
    if not value:
        return default
    if value.lower() not in _TRUE | _FALSE:
        raise GuestError(f"{key} is {shown(value)}, which is no switch", "write 0 or 1")
    return value.lower() in _TRUE


def whole(value: str, key: str) -> int:
    """A whole number; 0 for an empty one. Errors: GuestError."""
    if not re.fullmatch(r"\d{0,12}", value, re.ASCII):
        raise GuestError(f"{key} is {shown(value)}, which is no number", f"correct the {key}")
    return int(value or 0)


def properties(text: str, key: str, first: str = "") -> dict[str, str]:
    """`FIRST,key=value,…` as a mapping, the value without a key under `first`.

    Errors: GuestError for a part without a key where none may be.
    """
    found: dict[str, str] = {}
    for part in filter(None, text.split(",")):
        name, equals, value = part.partition("=")
        if not equals and first and first not in found:
            name, value = first, part
        elif not equals:
            raise GuestError(f"{key}: {shown(part)} has no value", "write key=value")
        found[name] = value
    return found


def is_known(key: str) -> bool:
    """Whether Proxmox VE has the key."""
    keys = facts().keys
    if key in keys.guest or key in keys.host:
        return True
    found = _NUMBERED.fullmatch(key)
    return found is not None and int(found[2]) < keys.most.get(found[1], 0)


def mismatch(text: str) -> tuple[str, bool] | None:
    """Why a text is no configuration, and whether one is likely to be meant; None for one."""
    known = 0
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#") or _SECTION.fullmatch(line):
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            return f"line {number} is not key: value, {shown(line)}", known > 1
        known += is_known(found[1])
    return None if known else ("it has no key of Proxmox VE, such as memory: 2048", False)


def read(text: str) -> Conf:
    """The configuration. Errors: GuestError with all problems of its lines."""
    sections: list[tuple[str, dict[str, str]]] = [("", {})]
    problems: list[GuestError] = []
    for number, line in enumerate(text.splitlines(), 1):
        if section := _SECTION.fullmatch(line):
            sections.append((section[1], {}))
        elif found := _LINE.fullmatch(line):
            key = "ide2" if found[1] == "cdrom" else found[1]
            if key in sections[-1][1] and key != "description":
                hint = "keep the one that counts"
                problems.append(GuestError(f"line {number}: {key} is given twice", hint))
            sections[-1][1][key] = found[2].strip()
    if problems:
        raise joined(problems[:_MOST_PROBLEMS])
    main = sections[0][1]
    waiting = [own for name, own in sections[1:] if name.upper() == "PENDING"]
    pending = tuple(key for own in waiting for key in _changed(own))
    return Conf(main, pending, tuple(key for key in main if not is_known(key)))


def _changed(pending: Mapping[str, str]) -> tuple[str, ...]:
    removed = re.split(r"[,;\s]+", pending.get("delete", ""))
    keys = (*(key for key in pending if key != "delete"), *(key.lstrip("!") for key in removed))
    return tuple(key for key in keys if key and key not in facts().keys.host)
