"""How the devices of two machine types differ, type by type."""

from __future__ import annotations

from qcompat.machine.effective import EffectiveComparison
from qcompat.report.machine.answers import MachineDiff
from qcompat.report.output import Output
from qcompat.report.terminal.plain import listed, write_columns

_MOST = 3

Key = tuple[str, str | None, str | None]
Group = tuple[Key, list[str]]
"""Property, value on the source, value on the target; the types that differ so."""


def write(answer: MachineDiff, out: Output) -> None:
    """Values side by side, types that differ alike in one line; then what only one end has."""
    found, ends = answer.found, answer.ends
    if answer.case:
        out.write(f"{answer.case}\n")
    changed = _grouped(found, is_one_sided=False)
    if changed:
        rows = [
            (key[0], _said(key[1]), _said(key[2]), listed(types, most=_MOST))
            for key, types in changed
        ]
        write_columns([("property", *ends, "types"), *rows], out)
    _write_one_sided(_grouped(found, is_one_sided=True), ends, out)
    values = sum(len(types) for _, types in changed)
    out.write(f"{values} differing values, {found.compared} device types compared\n")
    for end, types in zip(ends, (found.source_only, found.target_only), strict=True):
        if types:
            out.write(f"{len(types)} types only on {end}\n")
    if found.unknown:
        out.write(f"{len(found.unknown)} types not compared: nothing is known about them\n")


def _grouped(found: EffectiveComparison, *, is_one_sided: bool) -> list[Group]:
    groups: dict[Key, list[str]] = {}
    for each in found.differences:
        if (each.source is None or each.target is None) == is_one_sided:
            key = (each.property, each.source, each.target)
            groups.setdefault(key, []).append(each.type)
    return sorted(groups.items(), key=lambda group: (group[0][0], group[1]))


def _write_one_sided(groups: list[Group], ends: tuple[str, str], out: Output) -> None:
    if not groups:
        return
    if not out.verbose:
        names = len({key[0] for key, _ in groups})
        out.write(f"{names} properties are on one end only (-v names them)\n")
        return
    rows = []
    for (name, source, target), types in groups:
        end, value = (ends[1], target) if source is None else (ends[0], source)
        rows.append((f"{name}={value}", f"only on {end}", listed(types, most=_MOST)))
    write_columns(rows, out)


def _said(value: str | None) -> str:
    return value or '""'
