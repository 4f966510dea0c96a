"""What the two guests were given differently: `-global`, keys of `-machine`, whole options."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.guest import ArgumentDiffers
from qcompat.guest.option import parse_fields
from qcompat.remedy.offers import Offers
from qcompat.remedy.places import GUEST
from qcompat.remedy.setting import Setting
from qcompat.remedy.spelling import read_global
from qcompat.verdict.repair.candidate import Candidate


def globals_restored(comparison: Comparison, offers: Offers) -> Iterator[Candidate]:
    """What the source's own `-global` says and the target's does not."""
    for each in comparison.of(ArgumentDiffers):
        if each.option != "-global" or each.source is None:
            continue
        driver, name, value = read_global(each.source)
        if any(name in known for known in offers.types.values()):
            yield Candidate(GUEST, Setting(driver, name, value, "type"))


def arguments_restored(comparison: Comparison) -> Iterator[Candidate]:
    """Options that the ends were given differently, keys of `-machine` one by one."""
    for each in comparison.of(ArgumentDiffers):
        if each.option == "-global":
            continue
        if each.option == "-machine" and each.source and each.target:
            yield from _machine(each.source, each.target)
        elif each.source is not None:
            old = each.target or ""
            yield Candidate(
                GUEST, Setting(each.option, "", each.source, "argument", instead_of=old)
            )
        elif each.target is not None:
            setting = Setting(each.option, "", each.target, "argument", removes=True)
            yield Candidate(GUEST, setting)


def _machine(source: str, target: str) -> Iterator[Candidate]:
    ours, theirs = dict(parse_fields(source, "type")), dict(parse_fields(target, "type"))
    for name in sorted(ours.keys() | theirs.keys()):
        if ours.get(name) == theirs.get(name) or name == "type":
            continue
        removes = name not in ours
        value = theirs[name] if removes else ours[name]
        setting = Setting(f"{ours['type']}-machine", name, value, "machine", removes=removes)
        yield Candidate(GUEST, setting)
