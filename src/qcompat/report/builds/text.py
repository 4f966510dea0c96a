"""Builds for a reader at a terminal: a table of all, or one line a fact of one."""

from __future__ import annotations

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.report.builds.answers import BuildList, KnownBuild, Offers
from qcompat.report.output import Output
from qcompat.report.terminal.plain import printable


def write_list(answer: BuildList, out: Output) -> None:
    """The table; nothing where no build is registered."""
    if not answer.builds:
        return
    from rich.table import Table

    table = Table("name", "version", "arch", "package", "kind", "usable", box=None, pad_edge=False)
    for build, reason in answer.builds:
        identity = build.identity
        cells = (build.name, identity.version, build.architecture, identity.package, build.kind)
        table.add_row(*map(_cell, cells), _cell(reason or "yes"))
    out.console.print(table)


def write_offers(answer: Offers, out: Output) -> None:
    """A table: what can be fetched, how much that is, and what is here already."""
    from rich.table import Table

    table = Table("suite", "version", "download", "here", box=None, pad_edge=False)
    for each in answer.offers:
        size = f"{each.size / 1e6:.0f} MB" if each.size else ""
        table.add_row(*map(_cell, (each.suite, each.version or each.reason, size, each.build)))
    out.console.print(table)


def _cell(text: str) -> str:
    from rich.markup import escape

    return escape(printable(text))


def write_build(answer: KnownBuild, out: Output) -> None:
    """Its names, its place, and how much it has."""
    rows = _description(answer.build, answer.facts)
    width = max(len(title) for title, _ in rows)
    for title, text in rows:
        out.write(printable(f"{title:{width}}  {text}") + "\n")


def _description(build: Build, facts: BuildFacts) -> list[tuple[str, str]]:
    aliases = (f"{fact.alias} is {fact.name}" for fact in facts.machines if fact.alias)
    behaviours = (name for name, has in sorted(facts.markers.items()) if has)
    return [
        ("name", build.name),
        ("version", build.identity.version),
        ("package", build.identity.package or "not reported"),
        ("sha256", build.identity.sha256),
        ("architecture", build.architecture),
        ("kind", build.kind),
        *([("root", build.root)] if build.root else []),
        ("binary", build.binary),
        ("firmware", ", ".join(build.firmware_dirs) or "QEMU's own"),
        ("modules", build.module_dir or "QEMU's own"),
        ("machines", f"{len(facts.machines)} types; {', '.join(aliases)}"),
        ("devices", f"{len(facts.devices)} types"),
        ("states", f"{len(facts.states)} described, {len(facts.names)} possible names"),
        ("behaviours", ", ".join(behaviours) or "none of the known ones"),
        *((f"lost: {part}", reason) for part, reason in sorted(facts.lost.items())),
    ]
