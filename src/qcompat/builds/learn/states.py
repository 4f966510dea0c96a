"""State descriptions of device classes, as `-dump-vmstate` prints them.

Source of the form: dump_vmstate_vmsd and dump_vmstate_vmsf, migration/savevm.c (5.2.0,
7.2.0, 10.0.13). A key that is not known here is passed over; a description that lacks what
all of them have is left out, so that the others remain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from qcompat.builds.facts import StateDescription, StateField


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
            yield type_, _settle(msgspec.json.decode(raw, type=_Class).description)
        except msgspec.ValidationError:
            continue  # such as `vmschkmachine`, which names the machine type


def _settle(seen: _Description) -> StateDescription:
    return StateDescription(
        name=seen.name,
        version=seen.version_id,
        minimum_version=seen.minimum_version_id,
        fields=tuple(_settle_field(field) for field in seen.fields),
        subsections=tuple(_settle(subsection) for subsection in seen.subsections),
    )


def _settle_field(seen: _Field) -> StateField:
    return StateField(
        name=seen.field,
        size=seen.size,
        version=seen.version_id,
        conditional=seen.field_exists,
        count=seen.num,
        description=_settle(seen.description) if seen.description else None,
    )
