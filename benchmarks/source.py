"""What lints of QEMU's source find, beside what the binaries show; and how long they take.

`python -m benchmarks.source [judge|time]`. The peers are the registered builds of the same
Debian packages: `machine diff` of every machine type that two builds share. Source trees are
fetched and unpacked, 100 MB each.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.source_package import source_tree
from qcompat.local.home import cache_home
from qcompat.machine.effective import compare_effective
from qcompat.machine.model import MachineFacts
from qcompat.machine.store import read_facts, shipped
from qcompat.source.confirm import confirm
from qcompat.source.lint import Finding, lint
from qcompat.source.obtain.directory import read_directory
from qcompat.source.obtain.kept import place_of
from qcompat.source.obtain.patched import read_patched
from qcompat.source.tree.tree import Tree

BUILDS = {"bullseye": "debian-5.2.0", "bookworm": "debian-7.2.22", "trixie": "debian-10.0.13"}
PAIRS = (("bullseye", "bookworm"), ("bookworm", "trixie"), ("bullseye", "trixie"))
_VALUES = ("default_changed", "entry_added_late", "entry_release_wrong", "entry_removed",
           "entry_sibling_missing", "entry_value_changed")  # fmt: skip
_SUBJECT = "hw/net/e1000.c"


def main(arguments: list[str]) -> None:
    """Judge, or measure, or both."""
    if arguments in ([], ["judge"]):
        judge()
    if arguments in ([], ["time"]):
        measure()


def judge() -> None:
    """Agreement with each build, then recall and false alarms between builds."""
    trees = {suite: Tree(read_directory(source_tree(suite))) for suite in BUILDS}
    facts = {suite: read_facts(shipped()[name]) for suite, name in BUILDS.items()}
    for suite, name in BUILDS.items():
        found = confirm(trees[suite], facts[suite])
        print(f"{name}: {found.defaults} defaults, {found.entries} entries compared,"
              f" {len(found.differences)} differ")  # fmt: skip
    for one, other in PAIRS:
        _pair(one, other, trees, facts)


def _pair(one: str, other: str, trees: dict[str, Tree], facts: dict[str, MachineFacts]) -> None:
    changed = _changed(facts[one], facts[other], trees[one], trees[other])
    found = lint(trees[other], trees[one])
    told = {(type_, prop) for each in found for type_, prop in _told(each)}
    defaults = _defaults(facts[one], facts[other], trees[one], trees[other])
    seen = {pair for pair in defaults if _differs(trees[one], trees[other], *pair)}
    print(f"{BUILDS[one]} to {BUILDS[other]}")
    print(f"  changed defaults the builds show: {len(defaults)}, read from source: {len(seen)}")
    print(
        f"  values that differ under a machine type: {len(changed)}, found: {len(changed & told)}"
    )
    for missed in sorted(changed - told)[:20]:
        print("    missed", *missed)
    for missed in sorted(defaults - seen)[:20]:
        print("    missed default", *missed)
    breaking = [each for each in found if each.severity == "breaks"]
    values = [each for each in breaking if each.lint in _VALUES]
    false = [each for each in values if not set(_told(each)) & changed]
    print(f"  reported as breaking: {len(breaking)}, of which values: {len(values)},"
          f" not shown by the builds: {len(false)}")  # fmt: skip
    for each in false:
        print("    not shown:", each.lint, each.subject, each.before, "->", each.after)
    print("  ", dict(Counter(f"{each.severity} {each.lint}" for each in found)))


def _told(each: Finding) -> list[tuple[str, str]]:
    if each.lint not in _VALUES:
        return []
    property_ = each.subject.rpartition(".")[2]
    return [(type_, property_) for type_ in each.types]


def _changed(
    source: MachineFacts, target: MachineFacts, before: Tree, after: Tree
) -> set[tuple[str, str]]:
    """What `machine diff` shows under any shared machine type, of devices that ran on both."""
    names = {each.name for each in source.machines} & {each.name for each in target.machines}
    return {
        (each.type, each.property)
        for name in sorted(names & before.machines.all.keys() & after.machines.all.keys())
        for each in compare_effective(source, name, target, name).differences
        if each.source is not None and each.target is not None
        and _was_seen(source, name, each.type) and _was_seen(target, name, each.type)
        and _has(before, each.type, each.property) and _has(after, each.type, each.property)
    }  # fmt: skip


def _was_seen(facts: MachineFacts, machine: str, type_: str) -> bool:
    """Whether such a device ran under the machine type, so that its values are not derived."""
    seen = facts.observed.get(machine)
    return seen is not None and (type_ in seen.devices or type_ in seen.defaults)


def _defaults(
    source: MachineFacts, target: MachineFacts, before: Tree, after: Tree
) -> set[tuple[str, str]]:
    """Class defaults that differ between two builds, of types that both trees have."""
    return {
        (name, key)
        for name, fact in source.types.items()
        if name in target.types
        for key, value in fact.properties.items()
        if value is not None
        and target.types[name].properties.get(key) not in (None, value)
        and _has(before, name, key) and _has(after, name, key)
    }  # fmt: skip


def _has(tree: Tree, type_: str, property_: str) -> bool:
    return type_ in tree.types.all and property_ in tree.types.properties(type_)


def _differs(before: Tree, after: Tree, type_: str, property_: str) -> bool:
    one, other = (tree.types.properties(type_)[property_][1] for tree in (before, after))
    return (one.default or one.spelled) != (other.default or other.spelled)


def measure() -> None:
    """Seconds: a tree cold, with one changed file, and a patch with the facts cached."""
    top = source_tree("trixie")
    place_of(top).unlink(missing_ok=True)
    _timed("a whole tree, cold", lambda: read_directory(top))
    _timed("a whole tree, kept", lambda: read_directory(top))
    (top / _SUBJECT).touch()
    _timed("one file touched", lambda: read_directory(top))
    text = (top / _SUBJECT).read_text(encoding="latin-1")
    line = text.splitlines().index("        VMSTATE_UINT32(rxbuf_size, E1000State),")
    context = text.splitlines()[line]
    added = "        VMSTATE_UINT32(more, E1000State),"
    hunk = f"@@ -{line + 1} +{line + 1},2 @@\n {context}\n+{added}\n"
    patch = f"--- a/{_SUBJECT}\n+++ b/{_SUBJECT}\n{hunk}"
    with tempfile.TemporaryDirectory(dir=cache_home()) as folder:
        place = Path(folder) / "a.patch"
        place.write_text(patch)
        _timed("lint of a patch", lambda: _linted(top, place))


def _linted(top: Path, patch: Path) -> int:
    base = read_directory(top)
    return len(lint(Tree(read_patched(base, top, patch)), Tree(base)))


def _timed(name: str, action: object) -> None:
    start, used = time.perf_counter(), time.process_time()
    action()  # type: ignore[operator]
    print(f"{name}: {time.perf_counter() - start:.2f} s"
          f" ({time.process_time() - used:.2f} s of this process)")  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
