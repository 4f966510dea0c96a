"""Two hosts side by side, for a reader: what was lost, what was gained, what no longer runs."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from qcompat.hosts.compare import CpuOfferComparison, HostComparison, ModelDiffers
from qcompat.report.output import Output
from qcompat.report.terminal.layout import columns, hang, plain
from qcompat.report.terminal.plain import listed


def write(found: HostComparison, out: Output) -> None:
    """Print the comparison."""
    console = out.console
    hang(console, Text(), plain(f"{found.source} → {found.target}", "bold"))
    _write_facts(found, console)
    for offer in found.offers:
        console.print()
        _write_offer(offer, console, out.verbose)


def _write_facts(found: HostComparison, console: Console) -> None:
    rows = [
        (plain(name), plain(f"{source or 'not reported'} → {target or 'not reported'}"))
        for name, source, target in found.facts
    ]
    if rows:
        columns(console, 2, rows)


def _write_offer(offer: CpuOfferComparison, console: Console, verbose: bool) -> None:
    lead = Text(f"{offer.accelerator}  ", "bold")
    hang(console, lead, plain(f"{offer.source} → {offer.target}", "bold"))
    if offer.is_equal:
        console.print("  guests get the same")
    rows = [*_features(offer, verbose), *_values(offer), *_models(offer, verbose)]
    columns(console, 2, [(plain(name), plain(text)) for name, text in rows])


def _features(offer: CpuOfferComparison, verbose: bool) -> list[tuple[str, str]]:
    rows = []
    if offer.only_source:
        rows.append(("features lost", listed(offer.only_source, verbose=verbose)))
    if offer.only_target:
        rows.append(("features gained", listed(offer.only_target, verbose=verbose)))
    if offer.levels[0] != offer.levels[1]:
        one, other = (level or "below x86-64-v1" for level in offer.levels)
        rows.append(("level", f"{one} → {other}"))
    ends = zip((offer.source, offer.target), offer.refusals, strict=True)
    rows += [("host does not start", f"on {end}: {why}") for end, why in ends if why]
    return rows


def _values(offer: CpuOfferComparison) -> list[tuple[str, str]]:
    rows = [("reported by one only", listed(offer.untold))] if offer.untold else []
    texts = ((each.name, [_value(value) for value in each.values]) for each in offer.values)
    return [*((name, " → ".join(values)) for name, values in texts), *rows]


def _value(value: int | str | None) -> str:
    if value is None:
        return "not reported"
    return hex(value) if isinstance(value, int) and value >= 1 << 31 else str(value)


def _models(offer: CpuOfferComparison, verbose: bool) -> list[tuple[str, str]]:
    rows = []
    for name, models in (
        ("models no longer usable", offer.models_lost),
        ("models newly usable", offer.models_gained),
    ):
        rows += [(name, text) for text in _grouped(models, verbose)]
    rows += [
        ("defined differently", f"{each.model}: {listed((*each.only_source, *each.only_target))}")
        for each in offer.definitions
    ]
    return rows


def _grouped(models: Sequence[ModelDiffers], verbose: bool) -> list[str]:
    """Models by the features that the other host lacks of them."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for each in models:
        groups.setdefault(each.lacks, []).append(each.model)
    return [
        f"{listed(names, verbose=verbose)} (missing {listed(lacks, verbose=verbose, most=6)})"
        for lacks, names in groups.items()
    ]
