"""The lists that a build prints for `-machine help` and `-device help`.

Sources of the forms: machine_help_func (softmmu/vl.c of 7.2.0, system/vl.c of 10.0.13) and
qdev_print_devinfo (qdev-monitor.c). Lines of another form are passed over: a module that is
missing makes some builds complain in between.
"""

from __future__ import annotations

import re

from qcompat.builds.facts import DeviceFact, MachineFact

_ALIAS = re.compile(r"^(?P<alias>\S+) .*\(alias of (?P<name>\S+)\)\s*$", re.M)
_MACHINE = re.compile(r"^(?P<name>\S+) +(?P<rest>\S.*)$", re.M)
_DEVICE = re.compile(
    r'^name "(?P<type>[^"]+)"(?:, bus (?P<bus>[^,\n]+))?(?:, alias "(?P<alias>[^"]+)")?'
    r'(?:, desc "(?P<description>.*)")?(?:, no-user)?$',
    re.M,
)


def parse_machines(text: str) -> tuple[MachineFact, ...]:
    """The machine types, sorted by name."""
    aliases = {match["name"]: match["alias"] for match in _ALIAS.finditer(text)}
    found = {
        match["name"]: MachineFact(
            name=match["name"],
            alias=aliases.get(match["name"], ""),
            is_default="(default)" in match["rest"],
            deprecated="(deprecated)" in match["rest"],
        )
        for match in _MACHINE.finditer(text)
        if "(alias of " not in match["rest"] and not match[0].startswith("Supported machines ")
    }
    return tuple(found[name] for name in sorted(found))


def parse_devices(text: str) -> tuple[DeviceFact, ...]:
    """The device types that a user can create, sorted; one in two categories is told once."""
    found = {
        match["type"]: DeviceFact(
            type=match["type"],
            bus=match["bus"] or "",
            alias=match["alias"] or "",
            description=match["description"] or "",
        )
        for match in _DEVICE.finditer(text)
    }
    return tuple(found[type_] for type_ in sorted(found))
