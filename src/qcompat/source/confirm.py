"""What a source tree says and what a build of it shows, held against each other.

Only what both tell is compared: defaults of properties that the build lists, and the entries of
machine types that it has. A type that is not compiled in, or whose default the source computes,
is counted and not judged.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qcompat.machine.model import MachineFacts
from qcompat.machine.value import are_equal, canonical
from qcompat.source.lint.pair import kind_of
from qcompat.source.tree.files import Place
from qcompat.source.tree.tree import Tree


class Disagreement(msgspec.Struct, frozen=True, order=True):
    """A default or an entry on which tree and build differ; None where one has none."""

    kind: str
    subject: str
    tree: str | None
    build: str | None
    place: Place | None = None


class Confirmation(msgspec.Struct, frozen=True):
    """How much was compared, where they differ, and what only one of them tells."""

    defaults: int
    entries: int
    differences: tuple[Disagreement, ...]
    only_in_build: tuple[str, ...]
    not_followed: int


def confirm(tree: Tree, facts: MachineFacts) -> Confirmation:
    """Compare the facts of a tree with those of a build."""
    compared = list(_defaults(tree, facts))
    entries = list(_entries(tree, facts))
    shared = [each for each in facts.types if each in tree.types.all]
    missing = tuple(
        f"{name}.{key}"
        for name in sorted(shared)
        for key, value in facts.types[name].properties.items()
        if value is not None
        and key not in tree.types.properties(name)
        and not tree.types.has_added(name, key)
        and not tree.types.is_open(name)
        and not key.startswith("legacy-")
    )
    differing = [each for each in [*compared, *entries] if not isinstance(each, bool)]
    return Confirmation(
        defaults=len(compared),
        entries=len(entries),
        differences=tuple(sorted(differing)),
        only_in_build=missing,
        not_followed=len(tree.unfollowed),
    )


def _defaults(tree: Tree, facts: MachineFacts) -> Iterator[Disagreement | bool]:
    """True for each default that agrees."""
    for name, fact in sorted(facts.types.items()):
        if name not in tree.types.all:
            continue
        own = tree.types.properties(name)
        for key, value in sorted(fact.properties.items()):
            found = own.get(key)
            if value is None or found is None or found[1].default is None:
                continue
            kind = kind_of(found[1])
            ours = canonical(found[1].default, kind)
            if are_equal(ours, value, kind) or _as_word(ours, value):
                yield True
            else:
                yield Disagreement("default", f"{name}.{key}", ours, value, found[1].place)


def _as_word(ours: str, theirs: str) -> bool:
    """`pci-devfn` and the like: -1 in source, words in the build."""
    wrapped = {"-1": {"4294967295", "18446744073709551615"}}
    return theirs in wrapped.get(ours, ()) or ours in wrapped.get(theirs, ())


def _entries(tree: Tree, facts: MachineFacts) -> Iterator[Disagreement | bool]:
    """True for each entry of a machine type that both have; those of one end are differences."""
    if facts.origin != "reported":
        return
    for name, table in sorted(facts.tables.items()):
        machine = tree.machines.all.get(name)
        if machine is None:
            continue
        ours = {
            (row.driver, row.property): (row.value, row.place)
            for each in machine.tables
            for row in each.rows
        }
        theirs = {(row.driver, row.property): row.value for row in table}
        for key in sorted(ours.keys() | theirs.keys()):
            value, place = ours.get(key, (None, None))
            if value is not None and are_equal(value, theirs.get(key)):
                yield True
            else:
                subject = f"{name}: {key[0]}.{key[1]}"
                yield Disagreement("entry", subject, value, theirs.get(key), place)
