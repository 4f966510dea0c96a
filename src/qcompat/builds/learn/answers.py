"""Reading what a build prints: its lists of machine types and devices, its state descriptions.

Sources of the forms: machine_help_func (softmmu/vl.c of 7.2.0, system/vl.c of 10.0.13),
qdev_print_devinfo (qdev-monitor.c), and for `-dump-vmstate` dump_vmstate_vmsd and
dump_vmstate_vmsf (migration/savevm.c; 5.2.0, 7.2.0, 10.0.13). Lines of another form are skipped,
since some builds complain in between about a missing module. Unknown keys are skipped too, and so
is a description that lacks what all of them have, so that the others remain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from qcompat.builds.facts import DeviceFact, MachineFact, StateDescription, StateField

# Names of types as QEMU takes them (type_name_is_valid, qom/object.c of 10.0): what else a program
# prints is no type, and must not become an argument or be shown.
_NAME = r"[\w.+-]+"
_ALIAS = re.compile(rf"^(?P<alias>{_NAME}) .*\(alias of (?P<name>{_NAME})\)\s*$", re.M | re.ASCII)
_MACHINE = re.compile(rf"^(?P<name>{_NAME}) +(?P<rest>\S.*)$", re.M | re.ASCII)
_DEVICE = re.compile(
    rf'^name "(?P<type>{_NAME})"(?:, bus (?P<bus>[^,\n]+))?(?:, alias "(?P<alias>{_NAME})")?'
    r'(?:, desc "(?P<description>.*)")?(?:, no-user)?$',
    re.M | re.ASCII,
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
    """The device types that a user can create, sorted; one in two categories counts once."""
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


class _Field(msgspec.Struct):
    field: str
    size: int
    version_id: int = 0
    field_exists: bool = False
    num: int = 1
    description: _Description | None = msgspec.field(name="Description", default=None)


class _Description(msgspec.Struct):
    name: str
    version_id: int
    minimum_version_id: int
    fields: list[_Field] = msgspec.field(name="Fields", default_factory=list)
    subsections: list[_Description] = msgspec.field(name="Subsections", default_factory=list)


class _Class(msgspec.Struct):
    description: _Description = msgspec.field(name="Description")


def parse_states(dump: bytes) -> Mapping[str, StateDescription]:
    """Device type to the description of its state, in the order of the dump.

    Errors: ValueError when the dump is not JSON of one object.
    """
    classes = msgspec.json.decode(dump, type=dict[str, msgspec.Raw])
    return dict(_readable(classes))


def name_states(by_type: Mapping[str, StateDescription]) -> dict[str, StateDescription]:
    """State name to description.

    Types may share a name and differ (`vga` of ISA and PCI cards): the description that most
    types have takes the plain name, each other one is kept as `NAME@TYPE`.
    """
    shared: dict[str, list[StateDescription]] = {}
    for description in by_type.values():
        shared.setdefault(description.name, []).append(description)
    found = {name: max(all_, key=all_.count) for name, all_ in shared.items()}
    for type_, description in by_type.items():
        if description != found[description.name]:
            found[f"{description.name}@{type_}"] = description
    return dict(sorted(found.items()))


def _readable(classes: Mapping[str, msgspec.Raw]) -> Iterator[tuple[str, StateDescription]]:
    for type_, raw in classes.items():
        try:
            yield type_, _description(msgspec.json.decode(raw, type=_Class).description)
        except msgspec.ValidationError:
            continue  # such as `vmschkmachine`, which names the machine type


def _description(seen: _Description) -> StateDescription:
    return StateDescription(
        name=seen.name,
        version=seen.version_id,
        minimum_version=seen.minimum_version_id,
        fields=tuple(_field(field) for field in seen.fields),
        subsections=tuple(_description(subsection) for subsection in seen.subsections),
    )


def _field(seen: _Field) -> StateField:
    return StateField(
        name=seen.field,
        size=seen.size,
        version=seen.version_id,
        conditional=seen.field_exists,
        count=seen.num,
        description=_description(seen.description) if seen.description else None,
    )
