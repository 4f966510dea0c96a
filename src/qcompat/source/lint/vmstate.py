"""Migration state that is laid out another way: fields, versions, subsections, whole sections.

The load side knows no lengths and no names (migration/vmstate.c, `vmstate_load_state`): a field
more or less shifts every byte after it. A higher version is refused by what is older, a
subsection only where it is sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher

import msgspec

from qcompat.source.lint.controlled import controlled_in
from qcompat.source.lint.finding import Finding, Severity
from qcompat.source.lint.pair import Pair
from qcompat.source.lint.state_fields import (
    are_alike,
    first_renamed,
    is_resized,
    key_of,
    kind_of,
    removal,
    shown,
    wire,
)
from qcompat.source.lint.state_needed import uncontrolled, why_sent
from qcompat.source.lint.state_owners import StateOwners
from qcompat.source.lint.state_sides import Side, paired, same_test, shape
from qcompat.source.tree.files import Place
from qcompat.source.tree.wire import Field

_RECORDED = "replay/"
"""Recordings of a machine keep their own snapshots; no migration sends them."""


def find(pair: Pair) -> Iterator[Finding]:
    """All changes of descriptions that both trees have, and sections of types that come or go."""
    checker = _Checker(pair)
    for before, after in paired(pair):
        if shape(before.found) == shape(after.found) and same_test(before, after):
            continue  # spelled alike; a macro of the headers that changed counts little
        yield from checker.compare(before, after)
    yield from checker.owners.sections()


class _Checker:
    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self.owners = StateOwners(pair)

    def compare(self, before: Side, after: Side) -> Iterator[Finding]:
        """What differs between two states of one description."""
        if before.found.is_unmigratable or after.found.is_unmigratable:
            return
        if after.file.startswith(_RECORDED):
            return
        raised = after.number(after.found.version) > before.number(before.found.version)
        if after.number(after.found.minimum) > before.number(before.found.version):
            yield self._made(
                "vmstate_minimum_raised", before, after, before.found.version, after.found.minimum
            )
        elif raised:
            reason = "nested" if after.found.variable in self.owners.nested else ""
            yield self._made(
                "vmstate_version_raised",
                before,
                after,
                before.found.version,
                after.found.version,
                reason,
            )
        elif after.number(after.found.version) < before.number(before.found.version):
            yield self._made(
                "vmstate_version_lowered", before, after, before.found.version, after.found.version
            )
        if before.section != after.section:
            yield self._made(
                "vmstate_section_renamed", before, after, before.section, after.section
            )
        yield from self._fields(before, after)
        yield from self._subsections(before, after)
        yield from self._needed(before, after)

    def _fields(self, before: Side, after: Side) -> Iterator[Finding]:
        if shape(before.found)[-1] == shape(after.found)[-1]:
            return
        ours, theirs = before.fields(), after.fields()
        if [wire(each) for each in ours] == [wire(each) for each in theirs]:
            names = [[each.name for each in side] for side in (ours, theirs)]
            if names[0] != names[1] and Counter(names[0]) == Counter(names[1]):
                yield self._field(
                    "vmstate_fields_reordered", before, after, first_renamed(ours, theirs)
                )
            return
        one, other = [key_of(each) for each in ours], [key_of(each) for each in theirs]
        matcher = SequenceMatcher(None, one, other, autojunk=False)
        gone: list[Field] = []
        come: list[Field] = []
        for tag, start, end, begin, stop in matcher.get_opcodes():
            if tag == "equal":
                pairs = zip(ours[start:end], theirs[begin:stop], strict=True)
                for left, right in pairs:
                    yield from self._resized(before, after, left, right)
            elif not are_alike(ours[start:end], theirs[begin:stop]):
                gone += ours[start:end]
                come += theirs[begin:stop]
        yield from self._moved(before, after, gone, come)

    def _moved(
        self, before: Side, after: Side, gone: list[Field], come: list[Field]
    ) -> Iterator[Finding]:
        both = {key_of(each) for each in gone} & {key_of(each) for each in come}
        if both:
            first = next(each for each in come if key_of(each) in both)
            yield self._field("vmstate_fields_reordered", before, after, first)
        opaque = any("size=of the member" in each.wire for each in after.fields())
        makes_room = opaque and come and not gone and is_resized(before, after)
        for lint, sides, judge in (
            ("vmstate_field_added", come, self._added),
            ("vmstate_field_removed", gone, removal),
        ):
            found = [
                (each, *judged)
                for each in sides
                if key_of(each) not in both and (judged := judge(before, after, each))
            ]
            if not found:
                continue
            worst = min(found, key=lambda one: one[1] != "breaks")
            severity, reason = worst[1:]
            if makes_room and severity == "breaks":
                severity, reason = "suspicious", "size_not_followed"
            made = self._field(lint, before, after, worst[0], severity, reason)
            told = ", ".join(shown(each) for each, _, _ in found)
            key = "after" if lint == "vmstate_field_added" else "before"
            yield msgspec.structs.replace(made, **{key: told})

    def _added(self, before: Side, after: Side, each: Field) -> tuple[Severity, str] | None:
        """How bad a new field is; None where it is told elsewhere or a property decides."""
        since = after.number(each.since)
        newest = after.number(after.found.version)
        if before.number(before.found.version) < since <= newest:
            return None  # told by the raised version
        if each.macro.startswith("VMSTATE_VALIDATE"):
            return None
        if not each.test:
            return "breaks", ""
        reason = uncontrolled(after, self._pair.controlled, each.test)
        return None if reason is None else ("suspicious", reason)

    def _resized(self, before: Side, after: Side, one: Field, other: Field) -> Iterator[Finding]:
        if one.wire == other.wire or (one.size and one.size == other.size):
            if other.test != one.test and other.test and not one.test:
                reason = uncontrolled(after, self._pair.controlled, other.test)
                if reason is not None:
                    yield self._field(
                        "vmstate_field_conditional", before, after, other, "suspicious", reason
                    )
            return
        if "UNUSED" in one.macro and "UNUSED" in other.macro and one.size == other.size:
            return
        is_sure = bool(one.size and other.size) or kind_of(one) != kind_of(other)
        severity: Severity = "breaks" if is_sure else "suspicious"
        yield self._field("vmstate_field_resized", before, after, other, severity, was=shown(one))

    def _subsections(self, before: Side, after: Side) -> Iterator[Finding]:
        ours, theirs = before.subsections(), after.subsections()
        for name, each in theirs.items():
            if name in ours:
                continue
            reason = why_sent(each, self._pair.controlled)
            if reason is not None:
                severity: Severity = "breaks" if reason == "always_sent" else "suspicious"
                severity = "unknown" if reason == "not_followed" else severity
                yield self._made(
                    "vmstate_subsection_added",
                    before,
                    each,
                    None,
                    name,
                    reason,
                    severity,
                    subject=name,
                )
        for name, each in ours.items():
            if name not in theirs and len(ours) == len(before.found.subsections):
                severity = "suspicious" if each.found.needed else "breaks"
                yield self._made(
                    "vmstate_subsection_removed",
                    each,
                    after,
                    name,
                    None,
                    "",
                    severity,
                    subject=name,
                )

    def _needed(self, before: Side, after: Side) -> Iterator[Finding]:
        """A test that asked a property, and asks none any more."""
        if "/" not in after.section or not before.found.needed:
            return
        was = why_sent(before, controlled_in(self._pair.before))
        now = why_sent(after, self._pair.controlled)
        lost = now == "always_sent" and was != "always_sent"
        if lost or (was is None and now == "guest_state"):
            ends = before.found.needed, after.found.needed or "none"
            lint = "vmstate_needed_uncontrolled"
            # whoever has the subsection takes it; those before it came do not
            yield self._made(
                lint, before, after, *ends, now or "", "suspicious", subject=after.section
            )

    def _field(
        self, lint: str, before: Side, after: Side, each: Field,
        severity: Severity = "breaks", reason: str = "", was: str | None = None,
    ) -> Finding:  # fmt: skip
        found = self._made(lint, before, after, was, shown(each), reason, severity)
        if lint == "vmstate_field_removed":
            return msgspec.structs.replace(
                found, there=Place(before.file, each.line), before=shown(each), after=None
            )
        return msgspec.structs.replace(found, here=Place(after.file, each.line))

    def _made(
        self, lint: str, before: Side, after: Side, old: str | None, new: str | None,
        reason: str = "", severity: Severity = "breaks", subject: str = "",
    ) -> Finding:  # fmt: skip
        types = self.owners.owners.get((after.file, after.found.variable), ())
        if any(self.owners.is_unmigratable(name) for name in types):
            severity, reason = "harmless", "unmigratable"
        machines = (
            [one for name in types for one in self._pair.reach.machines(name)]
            if types
            else self._pair.reach.of_file(after.file)
        )
        reached = tuple(
            dict.fromkeys(each.name for each in machines if each.name in self._pair.machines)
        )
        if not reached and severity != "unknown":
            severity, reason = "harmless", "no_versioned_machine_type"
        return Finding(
            lint, severity, subject or after.section, reason, old, new, after.place, before.place,
            types=tuple(sorted(types)), machines=reached,
        )  # fmt: skip
