"""The oldest version of a state that a build reads: by its own description, else by its source."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

import msgspec

from qcompat.compare.stream.sections import SectionVersionDiffers, SubsectionVersionDiffers
from qcompat.dataset import read_table
from qcompat.portrait.portrait import Portrait
from qcompat.rules.section.states import architecture_in, description_of, subsections_of
from qcompat.rules.subject import state_of


class MinimumVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of `minimum_versions.toml`; see its head."""

    state: str
    architecture: str
    reads: int | Literal["own"]
    source: str


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    state: tuple[MinimumVersion, ...]


@cache
def minimum_versions() -> Mapping[tuple[str, str], MinimumVersion]:
    """The entries by architecture and state."""
    table = read_table("qcompat.rules", "section/minimum_versions.toml", _Table)
    return {(entry.architecture, entry.state): entry for entry in table.state}


def minimum_of(
    difference: SectionVersionDiffers | SubsectionVersionDiffers, target: Portrait
) -> int | None:
    """The oldest that the target reads of a state; None where it is not known."""
    known = description_of(target, difference.idstr)
    if isinstance(difference, SubsectionVersionDiffers):
        listed = subsections_of(known) if known else ()
        found = (each for each in listed if each.name == difference.name)
        known, name = next(found, None), difference.name
    else:
        name = state_of(difference.idstr)
    if known is not None:
        return known.minimum_version
    architecture = architecture_in(target)
    entry = minimum_versions().get((architecture.name if architecture else "", name))
    if entry is None:
        return None
    return difference.target if entry.reads == "own" else entry.reads
