"""Gathers the facts of machine types that come with qcompat, and checks what follows from them.

    python -m tools.tables            # gather them again from every registered Debian build
    python -m tools.tables --check    # write docs/tables.md from those that are there

The check compares, for every build, what `resolve` says with what running devices said, and,
where a build reports its tables, the tables recovered from its devices with those.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from qcompat.arch.machine_type import versioned
from qcompat.builds.build import Build
from qcompat.builds.learn.learn import learn
from qcompat.local.home import cache_home
from qcompat.local.kvm import has_kvm
from qcompat.machine.ask.gather import gather
from qcompat.machine.audit import audit
from qcompat.machine.effective import told
from qcompat.machine.model import MachineFacts
from qcompat.machine.recover import recover
from qcompat.machine.store import SHIPPED, SUFFIX, read_facts, shipped, write_facts
from qcompat.machine.value import are_equal, kind_of
from tools.builds import registered
from tools.table_agreement import Agreement, agreement

JUDGED = Path(__file__).with_name("judged.toml")
PAGE = Path(__file__).parent.parent / "docs" / "tables.md"


class Judged(msgspec.Struct, frozen=True):
    """What is known of a finding of the audit from elsewhere: sources, or a real migration."""

    driver: str
    property: str
    judged: str


class Mismatch(msgspec.Struct, frozen=True, order=True):
    """A property of a type for which `resolve` says something else than the device."""

    type: str
    property: str


class Resolution(msgspec.Struct, frozen=True):
    """How often `resolve` is right, over all machine types of a build."""

    total: int
    unknown: int
    mismatches: Counter[Mismatch]


def main() -> int:
    """Gather, or check."""
    if "--check" in sys.argv[1:]:
        PAGE.write_text("".join(_page()))
        return 0
    for build in registered():
        if build.name.startswith("debian-"):
            _gather(build)
    return 0


def _gather(build: Build) -> None:
    start = time.monotonic()
    facts = learn(build, cache=cache_home())
    found = asyncio.run(gather(build, facts, "kvm" if has_kvm() else "tcg"))
    path = SHIPPED / f"{build.name}{SUFFIX}"
    write_facts(found, path)
    seconds = time.monotonic() - start
    print(f"{build.name}: {seconds:.0f} s, {path.stat().st_size:,} bytes", flush=True)


def resolution(facts: MachineFacts) -> Resolution:
    """Hold `resolve` against every value that a device said."""
    total = unknown = 0
    found = Counter[Mismatch]()
    for machine, observed in sorted(facts.observed.items()):
        for type_, said in sorted(observed.devices.items()):
            if type_ not in facts.types:
                continue
            by_table = told(facts, machine, type_)
            for name, value in said.items():
                total += 1
                ours = by_table.get(name)
                if ours is None:
                    unknown += 1
                elif not are_equal(ours, value, kind_of(value)):
                    found[Mismatch(type_, name)] += 1
    return Resolution(total, unknown, found)


def recovered_agreement(facts: MachineFacts) -> Agreement | None:
    """Recovered tables against reported ones; None for a build that reports none."""
    if facts.origin != "reported":
        return None
    machines = [each.name for each in facts.machines if versioned(each.name)]
    recovered = recover(facts.observed, facts.types, machines)
    return agreement(recovered, facts.tables, facts.observed, facts.types)


def _page() -> Iterator[str]:
    yield "# Compat tables: how right they are\n\n"
    yield "Written by `python -m tools.tables --check` from the facts that come with qcompat.\n\n"
    yield "## What `resolve` says against what devices said\n\n"
    yield "| build | machine types | values | equal | unknown | other |\n"
    yield "|---|---|---|---|---|---|\n"
    facts = {name: read_facts(path) for name, path in shipped().items()}
    results = {name: resolution(each) for name, each in facts.items()}
    for name, found in results.items():
        wrong = found.mismatches.total()
        share = (found.total - wrong - found.unknown) / max(found.total, 1)
        yield (
            f"| {name} | {len(facts[name].observed)} | {found.total:,} | {share:.2%} | "
            f"{found.unknown:,} | {wrong:,} |\n"
        )
    yield "\nEvery mismatch, with the machine types on which it occurs:\n\n"
    yield "| build | type | property | machine types |\n|---|---|---|---|\n"
    for name, found in results.items():
        for each, count in sorted(found.mismatches.items()):
            yield f"| {name} | {each.type} | {each.property} | {count} |\n"
    yield from _recovered(facts)
    yield from _audited(facts)
    yield from _skipped(facts)


def _recovered(facts: dict[str, MachineFacts]) -> Iterator[str]:
    yield "\n## Recovered tables against reported ones\n\n"
    yield "| build | values | equal | spoken of by a table | equal of those | not instantiated |\n"
    yield "|---|---|---|---|---|---|\n"
    lines = []
    for name, each in facts.items():
        found = recovered_agreement(each)
        if found is None:
            continue
        yield (
            f"| {name} | {found.total:,} | {found.share:.3%} | {found.spoken:,} | "
            f"{found.spoken_share:.3%} | {found.not_instantiated:,} |\n"
        )
        for (reason, type_, name_), count in sorted(found.by_reason().items()):
            lines.append(f"| {name} | {reason} | {type_} | {name_} | {count} |\n")
    yield "\nEvery disagreement, by reason:\n\n"
    yield "| build | reason | type | property | machine types |\n|---|---|---|---|---|\n"
    yield from lines


def _audited(facts: dict[str, MachineFacts]) -> Iterator[str]:
    """Findings of newer builds beside older ones, those that break by name and as judged."""
    yield "\n## What the audit finds\n\n"
    yield "Counts of findings by severity; each cause once, however many types it reaches.\n\n"
    yield "| audited | against | breaks | suspicious | harmless | unknown |\n"
    yield "|---|---|---|---|---|---|\n"
    by_age = sorted(facts, key=lambda name: _age(facts[name].identity.version))
    breaks: dict[tuple[str, str, str], set[str]] = {}
    for older, newer in itertools.combinations(by_age, 2):
        found = audit(facts[newer], [facts[older]])
        counts = Counter(each.severity for each in found)
        cells = (counts[each] for each in ("breaks", "suspicious", "harmless", "unknown"))
        yield f"| {newer} | {older} | {' | '.join(map(str, cells))} |\n"
        for each in found:
            if each.severity == "breaks":
                key = (each.lint, each.driver or "(several types)", each.property)
                breaks.setdefault(key, set()).add(f"{older} → {newer}")
    yield "\nEverything that is said to break, with what is known of it beside the audit's word:\n"
    yield "`true`, `false alarm` where no guest can notice, or `open`.\n\n"
    yield "| lint | driver | property | between | judged |\n|---|---|---|---|---|\n"
    judged = {(j.driver, j.property): j.judged for j in _judgements()}
    for (lint, driver, name), pairs in sorted(breaks.items()):
        said = judged.get((driver, name), "open")
        yield f"| {lint} | {driver} | {name} | {', '.join(sorted(pairs))} | {said} |\n"


def _judgements() -> tuple[Judged, ...]:
    return msgspec.toml.decode(JUDGED.read_bytes(), type=dict[str, tuple[Judged, ...]])["finding"]


def _age(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _skipped(facts: dict[str, MachineFacts]) -> Iterator[str]:
    yield "\n## Types that could not be instantiated\n\n"
    yield "On the newest machine type of pc-q35.\n\n| build | types | reason |\n|---|---|---|\n"
    for name, each in facts.items():
        newest = next((m.name for m in each.machines if m.name.startswith("pc-q35-")), "")
        skipped = each.observed[newest].skipped if newest in each.observed else {}
        for reason, count in Counter(skipped.values()).most_common():
            yield f"| {name} | {count} | {reason.splitlines()[0][:120]} |\n"


if __name__ == "__main__":
    sys.exit(main())
