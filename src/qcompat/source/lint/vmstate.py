"""Migration state that is laid out another way: fields, versions, subsections, whole sections.

The load side knows no lengths and no names (migration/vmstate.c, `vmstate_load_state`): a field
more or less shifts every byte after it. A higher version is refused by what is older, a
subsection only where it is sent.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cached_property

import msgspec

from qcompat.source.facts import Description, Test
from qcompat.source.lint.finding import Finding, Severity
from qcompat.source.lint.pair import Pair
from qcompat.source.tree.files import Place
from qcompat.source.tree.tree import Tree
from qcompat.source.tree.wire import Field, field_of

_ASKS_MACHINE = re.compile(r"->compat|GET_CLASS|\bmc->|pcmc|_class\b|has_feature|host_has|machine_")
_RECORDED = "replay/"
"""Recordings of a machine keep their own snapshots; no migration sends them."""
_CALL = re.compile(r"\b([a-z_]\w*)\s*\(")
_KEYWORDS = frozenset(("if", "return", "while", "for", "switch", "sizeof", "container_of"))


class _Side(msgspec.Struct, frozen=True):
    """A description of one tree."""

    tree: Tree
    file: str
    found: Description

    @property
    def place(self) -> Place:
        return Place(self.file, self.found.line)

    @property
    def section(self) -> str:
        return self.tree.names.text(self.found.name, self.file) or self.found.variable

    def number(self, expression: str) -> int:
        return self.tree.names.number(expression, self.file) or 0

    def fields(self) -> list[Field]:
        return [field_of(item, self.file, self.tree.names) for item in self.found.fields]

    def subsections(self) -> dict[str, _Side]:
        """The subsections that are read, by section name."""
        found = (self.lookup(variable) for variable in self.found.subsections)
        return {each.section: each for each in found if each}

    def lookup(self, variable: str) -> _Side | None:
        own = self.tree.descriptions.get((self.file, variable))
        if own:
            return _Side(self.tree, self.file, own)
        for (file, name), found in self.tree.descriptions.items():
            if name == variable:
                return _Side(self.tree, file, found)
        return None

    def test(self, name: str) -> Test | None:
        facts = self.tree.files.files[self.file]
        return next((each for each in facts.tests if each.name == name), None)


def find(pair: Pair) -> Iterator[Finding]:
    """All changes of descriptions that both trees have, and sections of types that come or go."""
    checker = _Checker(pair)
    for before, after in _paired(pair):
        if _shape(before.found) == _shape(after.found) and _same_test(before, after):
            continue  # spelled alike; a macro of the headers that changed counts little
        yield from checker.compare(before, after)
    yield from checker.sections()


def _shape(found: Description) -> tuple[object, ...]:
    """A description without lines."""
    fields = tuple((each.macro, each.arguments, each.condition) for each in found.fields)
    versions = (found.name, found.version, found.minimum, found.is_unmigratable)
    return (*versions, found.needed, found.subsections, fields)


def _same_test(before: _Side, after: _Side) -> bool:
    """Whether what decides that a description is sent says the same."""
    ours, theirs = before.test(before.found.needed), after.test(after.found.needed)
    return (ours and ours.body) == (theirs and theirs.body)


def _paired(pair: Pair) -> Iterator[tuple[_Side, _Side]]:
    """Descriptions by file and variable, else by variable and section name where that is one."""
    ours = pair.before.descriptions
    by_name: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for (file, variable), found in ours.items():
        by_name.setdefault((variable, found.name), []).append((file, variable))
    for (file, variable), found in pair.after.descriptions.items():
        key = (file, variable)
        if key not in ours:
            moved = by_name.get((variable, found.name), [])
            if len(moved) != 1 or moved[0] in pair.after.descriptions:
                continue
            key = moved[0]
        yield _Side(pair.before, key[0], ours[key]), _Side(pair.after, file, found)


class _Checker:
    def __init__(self, pair: Pair) -> None:
        self._pair = pair

    def compare(self, before: _Side, after: _Side) -> Iterator[Finding]:
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
            reason = "nested" if after.found.variable in self._nested else ""
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

    def _fields(self, before: _Side, after: _Side) -> Iterator[Finding]:
        if _shape(before.found)[-1] == _shape(after.found)[-1]:
            return
        ours, theirs = before.fields(), after.fields()
        if [_wire(each) for each in ours] == [_wire(each) for each in theirs]:
            names = [[each.name for each in side] for side in (ours, theirs)]
            if names[0] != names[1] and Counter(names[0]) == Counter(names[1]):
                yield self._field("vmstate_fields_reordered", before, after, _first(ours, theirs))
            return
        one, other = [_key(each) for each in ours], [_key(each) for each in theirs]
        matcher = SequenceMatcher(None, one, other, autojunk=False)
        gone: list[Field] = []
        come: list[Field] = []
        for tag, start, end, begin, stop in matcher.get_opcodes():
            if tag == "equal":
                pairs = zip(ours[start:end], theirs[begin:stop], strict=True)
                for left, right in pairs:
                    yield from self._resized(before, after, left, right)
            elif not _are_alike(ours[start:end], theirs[begin:stop]):
                gone += ours[start:end]
                come += theirs[begin:stop]
        yield from self._moved(before, after, gone, come)

    def _moved(
        self, before: _Side, after: _Side, gone: list[Field], come: list[Field]
    ) -> Iterator[Finding]:
        both = {_key(each) for each in gone} & {_key(each) for each in come}
        if both:
            first = next(each for each in come if _key(each) in both)
            yield self._field("vmstate_fields_reordered", before, after, first)
        opaque = any("size=of the member" in each.wire for each in after.fields())
        for lint, sides, judge in (
            ("vmstate_field_added", come, self._added),
            ("vmstate_field_removed", gone, self._removed),
        ):
            found = [
                (each, *judged)
                for each in sides
                if _key(each) not in both and (judged := judge(before, after, each))
            ]
            if not found:
                continue
            worst = min(found, key=lambda one: one[1] != "breaks")
            severity, reason = worst[1:]
            if (
                opaque
                and come
                and gone == []
                and severity == "breaks"
                and _is_resized(before, after)
            ):
                severity, reason = "suspicious", "size_not_followed"
            made = self._field(lint, before, after, worst[0], severity, reason)
            shown = ", ".join(_shown(each) for each, _, _ in found)
            key = "after" if lint == "vmstate_field_added" else "before"
            yield msgspec.structs.replace(made, **{key: shown})

    def _added(self, before: _Side, after: _Side, each: Field) -> tuple[Severity, str] | None:
        """How bad a new field is; None where it is told elsewhere or a property decides."""
        since = after.number(each.since)
        newest = after.number(after.found.version)
        if before.number(before.found.version) < since <= newest:
            return None  # told by the raised version
        if each.macro.startswith("VMSTATE_VALIDATE"):
            return None
        if not each.test:
            return "breaks", ""
        reason = self._uncontrolled(after, each.test)
        return None if reason is None else ("suspicious", reason)

    def _removed(self, before: _Side, after: _Side, each: Field) -> tuple[Severity, str] | None:
        if each.macro.startswith("VMSTATE_VALIDATE"):
            return None
        if after.number(after.found.minimum) > before.number(before.found.version):
            return None
        return ("suspicious" if each.test else "breaks"), ""

    def _resized(self, before: _Side, after: _Side, one: Field, other: Field) -> Iterator[Finding]:
        if one.wire == other.wire or (one.size and one.size == other.size):
            if other.test != one.test and other.test and not one.test:
                reason = self._uncontrolled(after, other.test)
                if reason is not None:
                    yield self._field(
                        "vmstate_field_conditional", before, after, other, "suspicious", reason
                    )
            return
        if "UNUSED" in one.macro and "UNUSED" in other.macro and one.size == other.size:
            return
        sized = bool(one.size and other.size)
        kinds = [
            re.sub(r"VMSTATE_|_(?:V|TEST|UNSAFE|KNOWN)\b", "", each.macro) for each in (one, other)
        ]
        severity: Severity = "breaks" if sized or kinds[0] != kinds[1] else "suspicious"
        yield self._field("vmstate_field_resized", before, after, other, severity, was=_shown(one))

    def _subsections(self, before: _Side, after: _Side) -> Iterator[Finding]:
        ours, theirs = before.subsections(), after.subsections()
        for name, each in theirs.items():
            if name in ours:
                continue
            reason = self._sent(each)
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

    def _needed(self, before: _Side, after: _Side) -> Iterator[Finding]:
        """A test that asked a property, and asks none any more."""
        if "/" not in after.section or not before.found.needed:
            return
        was = self._turned._sent(before)
        now = self._sent(after)
        lost = now == "always_sent" and was != "always_sent"
        if lost or (was is None and now == "guest_state"):
            ends = before.found.needed, after.found.needed or "none"
            lint = "vmstate_needed_uncontrolled"
            # whoever has the subsection takes it; those before it came do not
            yield self._made(
                lint, before, after, *ends, now or "", "suspicious", subject=after.section
            )

    def sections(self) -> Iterator[Finding]:
        """Types of both trees that have a section in one only."""
        for name, after in self._pair.after.types.all.items():
            before = self._pair.before.types.all.get(name)
            if (
                before is None
                or before.is_abstract
                or before.parent == "interface"
                or not self._pair.reached(name)
            ):
                continue
            ours, theirs = (
                self._sections(side, name) for side in (self._pair.before, self._pair.after)
            )
            if bool(ours) == bool(theirs):
                continue
            lint = "vmstate_section_added" if theirs else "vmstate_section_removed"
            section = next(iter(theirs or ours))
            yield Finding(
                lint, "suspicious" if theirs else "breaks", f"{name}: {section}",
                here=after.place, there=before.place, types=(name,),
                machines=tuple(self._pair.reached(name)),
            )  # fmt: skip

    def _sections(self, tree: Tree, type_: str) -> list[str]:
        """The section of the nearest ancestor that has one, and those that its file registers."""
        for owner in tree.types.ancestors(type_):
            each = tree.types.all.get(owner)
            if each is None:
                continue
            functions = tree.files.files[each.place.file].functions
            registered = {
                (each.place.file, one) for function in functions for one in function.descriptions
            }
            keys = {*each.descriptions, *(registered - self._of_classes(tree))}
            known = [
                (key, tree.descriptions[key]) for key in sorted(keys) if key in tree.descriptions
            ]
            if known:
                return [
                    tree.names.text(found.name, key[0]) or key[1]
                    for key, found in known
                    if not found.is_unmigratable
                ]
        return []

    def _of_classes(self, tree: Tree) -> set[tuple[str, str]]:
        """The descriptions that some type gives to its class."""
        if id(tree) not in self._class_keys:
            every = tree.types.all.values()
            self._class_keys[id(tree)] = {key for each in every for key in each.descriptions}
        return self._class_keys[id(tree)]

    @cached_property
    def _class_keys(self) -> dict[int, set[tuple[str, str]]]:
        return {}

    def _sent(self, side: _Side) -> str | None:
        """Why a subsection may be sent to what does not know it; None if a property decides."""
        if not side.found.needed or side.found.needed == "NULL":
            return "always_sent"
        return self._uncontrolled(side, side.found.needed)

    def _uncontrolled(self, side: _Side, name: str) -> str | None:
        test = side.test(name)
        if test is None:
            return "not_followed"
        body = test.body
        words = set(re.findall(r"[A-Za-z_]\w*", body))
        if words & self._pair.controlled or _ASKS_MACHINE.search(body):
            return None
        if re.fullmatch(r"\{\s*return\s+(?:true|1)\s*;\s*\}", body):
            return "always_sent"
        called = set(_CALL.findall(body)) - _KEYWORDS
        return "not_followed" if called else "guest_state"

    @cached_property
    def _nested(self) -> frozenset[str]:
        """Descriptions that stand as a field in another, whose version is not on the wire."""
        return frozenset(
            word.lstrip("&")
            for found in self._pair.after.descriptions.values()
            for item in found.fields
            for word in item.arguments
            if word.startswith("vmstate_") or word.startswith("&vmstate_")
        )

    @cached_property
    def _turned(self) -> _Checker:
        """What asks the older tree."""
        return _Checker(Pair(self._pair.after, self._pair.before, self._pair.shipped))

    def _field(
        self, lint: str, before: _Side, after: _Side, each: Field,
        severity: Severity = "breaks", reason: str = "", was: str | None = None,
    ) -> Finding:  # fmt: skip
        found = self._made(lint, before, after, was, _shown(each), reason, severity)
        if lint == "vmstate_field_removed":
            return msgspec.structs.replace(
                found, there=Place(before.file, each.line), before=_shown(each), after=None
            )
        return msgspec.structs.replace(found, here=Place(after.file, each.line))

    def _made(
        self, lint: str, before: _Side, after: _Side, old: str | None, new: str | None,
        reason: str = "", severity: Severity = "breaks", subject: str = "",
    ) -> Finding:  # fmt: skip
        types = self._owners.get((after.file, after.found.variable), ())
        if any(self._is_unmigratable(name) for name in types):
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

    def _is_unmigratable(self, type_: str) -> bool:
        tree = self._pair.before
        each = tree.types.all.get(type_)
        keys = each.descriptions if each else ()
        return any(
            tree.descriptions[key].is_unmigratable for key in keys if key in tree.descriptions
        )

    @cached_property
    def _owners(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """The types whose state a description is part of, by field or subsection."""
        tree = self._pair.after
        homes: dict[str, list[tuple[str, str]]] = {}
        for key in tree.descriptions:
            homes.setdefault(key[1], []).append(key)
        found: dict[tuple[str, str], set[str]] = {}
        for name, each in tree.types.all.items():
            waiting = list(each.descriptions)
            seen = set(waiting)
            while waiting:
                key = waiting.pop()
                found.setdefault(key, set()).add(name)
                for variable in _parts(tree.descriptions.get(key)):
                    below = (
                        [(key[0], variable)]
                        if (key[0], variable) in tree.descriptions
                        else homes.get(variable, [])
                    )
                    waiting += [one for one in below if one not in seen]
                    seen.update(below)
        return {key: tuple(names) for key, names in found.items()}


def _parts(found: Description | None) -> Iterator[str]:
    """The descriptions that one names in its fields and subsections."""
    if found is not None:
        yield from found.subsections
        for item in found.fields:
            yield from (word.lstrip("&") for word in item.arguments if "vmstate" in word)


def _wire(each: Field) -> tuple[tuple[str, ...], str, str]:
    return each.wire, each.test, each.since


def _key(each: Field) -> str:
    return f"{each.name} {each.macro}" if "UNUSED" in each.macro else each.name


def _is_resized(before: _Side, after: _Side) -> bool:
    """Whether members whose size their structure decides could make room for what came."""
    names = {each.name for each in before.fields() if "size=of the member" in each.wire}
    return any(each.name in names for each in after.fields())


def _first(ours: list[Field], theirs: list[Field]) -> Field:
    return next(right for left, right in zip(ours, theirs, strict=True) if left.name != right.name)


def _are_alike(gone: list[Field], come: list[Field]) -> bool:
    """Whether the wire does not tell them apart: renamed, or padding for a field."""
    return [_wire(each) for each in gone] == [_wire(each) for each in come] or _fills(gone, come)


def _fills(gone: list[Field], come: list[Field]) -> bool:
    """Whether what came takes the same number of bytes as what went: padding for a field."""
    sizes = [[each.size for each in side] for side in (gone, come)]
    if any(size is None for side in sizes for size in side) or not sizes[0] or not sizes[1]:
        return False
    return sum(filter(None, sizes[0])) == sum(filter(None, sizes[1])) and any(
        "UNUSED" in each.macro for each in [*gone, *come]
    )


def _shown(each: Field) -> str:
    return f"{each.macro}({each.name})" if each.macro else each.name
