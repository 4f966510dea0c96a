"""Lints of a change to QEMU's source. Pure: two linked trees in, findings out.

One file a subject. A finding that a comment in the source says to be meant keeps the reason and
does not break.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qcompat.source.lint import config, entries, properties, values, vmstate
from qcompat.source.lint.finding import Finding, PasteEntry, Severity
from qcompat.source.lint.pair import Pair
from qcompat.source.tree.tree import Tree

__all__ = ["LINTS", "Finding", "PasteEntry", "Severity", "lint"]

_ORDER: tuple[Severity, ...] = ("breaks", "suspicious", "unknown", "harmless")
_ABOVE = 3
"""How many lines above its subject a comment may end."""

LINTS = (
    "config_write_changed", "default_changed", "entry_added_late", "entry_driver_missing",
    "entry_property_missing", "entry_release_wrong", "entry_removed", "entry_sibling_missing",
    "entry_value_changed", "property_added", "property_removed", "vmstate_field_added",
    "vmstate_field_conditional", "vmstate_field_removed", "vmstate_field_resized",
    "vmstate_fields_reordered", "vmstate_minimum_raised", "vmstate_needed_uncontrolled",
    "vmstate_section_added", "vmstate_section_removed", "vmstate_section_renamed",
    "vmstate_subsection_added", "vmstate_subsection_removed", "vmstate_version_lowered",
    "vmstate_version_raised",
)  # fmt: skip


def lint(
    after: Tree, before: Tree | None = None, shipped: tuple[int, int] | None = None
) -> tuple[Finding, ...]:
    """What is wrong with a tree, alone or beside the one that guests come from; worst first.

    `shipped` is the newest release whose machine types are promised; without it, the one that
    the version of `before` says.
    """
    found = list(entries.find(after, before))
    if before is not None:
        pair = Pair(before, after, shipped)
        for each in (values, properties, vmstate, config):
            found += each.find(pair)
    judged = (_intended(each, after) for each in _once(found))
    return tuple(sorted(judged, key=_rank))


def _once(found: list[Finding]) -> Iterator[Finding]:
    """Without what a lint of both trees says better than one of a single tree."""
    told = {
        (each.lint, one.driver, one.property)
        for each in found
        for one in each.entries
        if each.machines
    }
    for each in dict.fromkeys(found):
        alone = not each.machines and each.lint == "entry_sibling_missing"
        if not (
            alone and any((each.lint, one.driver, one.property) in told for one in each.entries)
        ):
            yield each


def _rank(each: Finding) -> tuple[int, str, str, str, int]:
    place = each.here or each.there
    line = place.line if place else 0
    return _ORDER.index(each.severity), each.lint, each.subject, place.file if place else "", line


def _intended(each: Finding, after: Tree) -> Finding:
    """The finding as harmless where a comment says that it is meant."""
    facts = after.files.files.get(each.here.file) if each.here else None
    if facts is None or each.here is None or each.severity == "harmless":
        return each
    for line in range(each.here.line, each.here.line - _ABOVE - 1, -1):
        if reason := facts.intended.get(line):
            return msgspec.structs.replace(
                each, severity="harmless", intended=reason, reason="intended"
            )
    return each
