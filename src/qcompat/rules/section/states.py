"""What a build knows of a state by its own description, beyond what its portrait shows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import msgspec

from qcompat.arch.architecture import Architecture, architecture_of, architecture_with_cpu
from qcompat.builds.facts import BuildFacts, StateDescription, StateField
from qcompat.dataset import read_table
from qcompat.portrait.portrait import Portrait
from qcompat.rules.subject import address_of, devices_at, owner_of, state_of


class ConditionalState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A state whose section is sent only when `needed`; `source` is QEMU's file and function."""

    name: str
    needed: str
    source: str


class ConditionalStates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `conditional_states.toml`."""

    state: tuple[ConditionalState, ...]


@cache
def conditional_states() -> frozenset[str]:
    table = read_table("qcompat.rules", "section/conditional_states.toml", ConditionalStates)
    return frozenset(state.name for state in table.state)


def is_known_but_unsent(portrait: Portrait, idstr: str) -> bool:
    """Whether this build knows the state and merely did not send it at this moment."""
    state, address = state_of(idstr), address_of(idstr)
    if state not in conditional_states():
        return False
    if address and owner_of(portrait, address) is None:
        return False
    return state in portrait.facts.states or state in portrait.facts.names


def is_modelled(portrait: Portrait, idstr: str) -> bool:
    """Whether the rules know what a target of this architecture checks in the state's contents."""
    architecture = architecture_in(portrait)
    return architecture is not None and state_of(idstr) not in architecture.unmodelled


def architecture_in(portrait: Portrait) -> Architecture | None:
    """The architecture of the guest by its processors, else by its machine type; None: no table."""
    if portrait.cpu is None:
        return architecture_of(portrait.guest.machine)
    return architecture_with_cpu(portrait.cpu.type)


def description_of(portrait: Portrait, idstr: str) -> StateDescription | None:
    """The build's own description of the state at the end of a section id, where it has one.

    Types that share a state's name but not its description are distinguished by the device that
    the id belongs to (`BuildFacts.type_states`).
    """
    facts, state = portrait.facts, state_of(idstr)
    for device in devices_at(portrait, address_of(idstr)):
        found = facts.states.get(facts.type_states.get(device.type, ""))
        if found is not None and found.name == state:
            return found
    found = facts.states.get(state)
    return found if found is not None and not _is_shared(facts, state) else None


def subsections_of(description: StateDescription) -> Iterator[StateDescription]:
    """All subsections, those of nested structures and of subsections included."""
    for subsection in description.subsections:
        yield subsection
        yield from subsections_of(subsection)
    for field in description.fields:
        if field.description is not None:
            yield from subsections_of(field.description)


def field_named(description: StateDescription, path: str) -> StateField | None:
    """The outermost field that a leaf's path begins with; the longest name where several do."""
    heads = [f for f in description.fields if (path + ".").startswith((f"{f.name}.", f"{f.name}["))]
    return max(heads, key=lambda field: len(field.name), default=None)


def _is_shared(facts: BuildFacts, state: str) -> bool:
    return any(key.startswith(f"{state}@") for key in facts.states)
