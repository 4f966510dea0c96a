"""States whose fields follow from a version among them (`inner_versions.toml`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

import msgspec

from qcompat.builds.facts import StateDescription, StateField
from qcompat.dataset import read_table
from qcompat.portrait.portrait import Portrait
from qcompat.rules.section.states import description_of
from qcompat.rules.subject import state_of
from qcompat.stream.layout import Leaf, value

NEWEST = 1 << 31


class Range(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The versions in which a field is expected."""

    first: int = msgspec.field(name="from", default=0)
    last: int = msgspec.field(name="to", default=NEWEST)


class InnerVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One state; see the head of the table."""

    name: str
    version: str
    structure: str
    source: str
    fields: Mapping[str, Range]


class InnerVersions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `inner_versions.toml`."""

    state: tuple[InnerVersion, ...]


@cache
def states_with_version() -> Mapping[str, InnerVersion]:
    table = read_table("qcompat.rules", "section/inner_versions.toml", InnerVersions)
    return {state.name: state for state in table.state}


def expected(
    portrait: Portrait, idstr: str, sent: tuple[Leaf, ...], own: tuple[Leaf, ...]
) -> tuple[Leaf, ...]:
    """The fields that the target expects when it reads `sent`; `own` are those it writes.

    The outer fields are its own; the structure is laid out again from the build's
    description for the version that `sent` carries.
    """
    state = states_with_version()[state_of(idstr)]
    structure = _structure(portrait, idstr, state)
    if structure is None:
        return own
    carried = next((value(leaf) for leaf in sent if leaf.path == state.version), 0)
    version = min(carried if isinstance(carried, int) else 0, structure.version)
    prefix = f"{state.structure}."
    inside = [leaf for leaf in own if leaf.path.startswith(prefix) and leaf.path != state.version]
    outside = [leaf for leaf in own if leaf not in inside]
    at = own.index(inside[0]) if inside else len(own)
    fields = tuple(_fields(structure, state, inside, prefix, version))
    return (*outside[:at], *fields, *outside[at:])


def _structure(portrait: Portrait, idstr: str, state: InnerVersion) -> StateDescription | None:
    description = description_of(portrait, idstr)
    fields = description.fields if description else ()
    return next((field.description for field in fields if field.name == state.structure), None)


def _fields(
    structure: StateDescription,
    state: InnerVersion,
    own: list[Leaf],
    prefix: str,
    version: int,
) -> Iterator[Leaf]:
    for field in structure.fields:
        allowed = state.fields.get(field.name, Range())
        if not allowed.first <= version <= allowed.last or field.version > structure.version:
            continue
        written = [leaf for leaf in own if _is_of(leaf, prefix + field.name)]
        yield from written or [_unwritten(field, prefix)]


def _is_of(leaf: Leaf, path: str) -> bool:
    return leaf.path == path or leaf.path.startswith((f"{path}.", f"{path}["))


def _unwritten(field: StateField, prefix: str) -> Leaf:
    """A field that the target reads but does not write now; its bytes do not matter."""
    return Leaf(prefix + field.name, "buffer", field.size, 1, 0, bytes(field.size * field.count))
