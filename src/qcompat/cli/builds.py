"""`qcompat builds`: fetch, add, list, show and remove the builds of this machine."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from qcompat.builds.registry import Registry, check_name
from qcompat.errors import FetchError
from qcompat.local.home import cache_home, data_home
from qcompat.report.terminal.plain import printable

if TYPE_CHECKING:
    from qcompat.builds.build import Build
    from qcompat.builds.facts import BuildFacts

SCHEMA = "qcompat.builds/1"

_DIRECTORY = click.Path(exists=True, file_okay=False, resolve_path=True)
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for other programs.")


@click.group()
def builds() -> None:
    """Fetch, register and inspect builds of QEMU."""


@builds.command()
@click.argument("suites", metavar="debian/SUITE...", nargs=-1, required=True)
@click.option("--mirror", default="", metavar="URL", help="Debian mirror, else that of the host.")
@click.option("--security-mirror", default="", metavar="URL", help="Mirror of security updates.")
def fetch(suites: tuple[str, ...], mirror: str, security_mirror: str) -> None:
    """Fetch QEMU from Debian suites, each into a root of its own.

    Any suite will do: debian/bookworm, debian/bookworm-backports, debian/sid. Signatures are
    verified, and the packages of this machine are not touched.
    """
    from qcompat.builds.fetch.fetch import fetch as fetch_build
    from qcompat.builds.fetch.mirror import find_sites
    from qcompat.builds.fetch.suite import parse_suite
    from qcompat.cli.fetch_progress import shown_progress

    for suite in suites:
        parse_suite(suite)  # wrong usage is told before anything is downloaded
    sites = find_sites(mirror, security_mirror)
    failures: list[FetchError] = []
    for suite in suites:
        try:
            with shown_progress(suite) as progress:
                build = fetch_build(
                    suite, registry=_registry(), cache=cache_home(), sites=sites, progress=progress
                )
            click.echo(f"{suite} is {build.name} ({_told(build)})")
        except FetchError as failure:
            failures.append(failure)  # the other suites may be had all the same
    if failures:
        messages = "\nerror: ".join(failure.message for failure in failures)
        raise FetchError(messages, failures[0].hint) from failures[0]


@builds.command()
@click.argument("name")
@click.argument("path")
@click.option(
    "--firmware-dir", "firmware_dirs", multiple=True, type=_DIRECTORY, help="Given to it with -L."
)
@click.option("--module-dir", type=_DIRECTORY, default="", help="Where its modules lie.")
def add(name: str, path: str, firmware_dirs: tuple[str, ...], module_dir: str) -> None:
    """Register the QEMU binary at PATH as NAME."""
    from qcompat.builds.build import Build
    from qcompat.builds.identify import UNIDENTIFIED, identify

    registry = _registry()
    registry.check_free(check_name(name))
    binary = str(Path(shutil.which(path) or path).absolute())
    build = Build(
        name, UNIDENTIFIED, "native", binary, firmware_dirs=firmware_dirs, module_dir=module_dir
    )
    build = msgspec.structs.replace(build, identity=identify(build))
    registry.add(build)
    click.echo(f"registered {name}: QEMU {_told(build)}")


@builds.command("list")
@_AS_JSON
def list_builds(as_json: bool) -> None:
    """List the registered builds."""
    from qcompat.builds.identify import why_unusable

    rows = [(build, why_unusable(build)) for build in _registry().list()]
    if as_json:
        _print_json([_document(build) | {"unusable": reason} for build, reason in rows])
    elif rows:
        _print_table(rows)
    else:
        click.echo("no build is registered; try: qcompat builds fetch debian/bookworm", err=True)


@builds.command()
@click.argument("name")
@_AS_JSON
def show(name: str, as_json: bool) -> None:
    """Show what is known about a build."""
    from qcompat.builds.identify import confirm
    from qcompat.builds.learn.learn import learn

    build = _registry().get(name)
    confirm(build)
    facts = learn(build, cache=cache_home())
    if as_json:
        _print_json(_document(build) | {"facts": _facts_document(facts)})
    else:
        rows = _description(build, facts)
        width = max(len(title) for title, _ in rows)
        for title, text in rows:
            click.echo(printable(f"{title:{width}}  {text}"))


@builds.command()
@click.argument("name")
def remove(name: str) -> None:
    """Unregister a build and delete what was fetched for it."""
    _registry().remove(name)
    click.echo(f"removed {name}")


def _registry() -> Registry:
    return Registry(data_home())


def _told(build: Build) -> str:
    return printable(", ".join(filter(None, (build.identity.version, build.identity.package))))


def _print_table(rows: list[tuple[Build, str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "version", "package", "kind", "usable", box=None, pad_edge=False)
    for build, reason in rows:
        cells = (build.name, build.identity.version, build.identity.package, build.kind)
        table.add_row(*map(_cell, cells), _cell(reason or "yes"))
    Console(highlight=False).print(table)


def _cell(text: str) -> str:
    from rich.markup import escape

    return escape(printable(text))


def _description(build: Build, facts: BuildFacts) -> list[tuple[str, str]]:
    aliases = (f"{fact.alias} is {fact.name}" for fact in facts.machines if fact.alias)
    behaviours = (name for name, has in sorted(facts.markers.items()) if has)
    return [
        ("name", build.name),
        ("version", build.identity.version),
        ("package", build.identity.package or "none told"),
        ("sha256", build.identity.sha256),
        ("kind", build.kind),
        *([("root", build.root)] if build.root else []),
        ("binary", build.binary),
        ("firmware", ", ".join(build.firmware_dirs) or "QEMU's own"),
        ("modules", build.module_dir or "QEMU's own"),
        ("machines", f"{len(facts.machines)} types; {', '.join(aliases)}"),
        ("devices", f"{len(facts.devices)} types"),
        ("states", f"{len(facts.states)} described, {len(facts.names)} possible names"),
        ("behaviours", ", ".join(behaviours) or "none of those looked for"),
        *((f"lost: {part}", reason) for part, reason in sorted(facts.lost.items())),
    ]


def _document(build: Build) -> dict[str, object]:
    return dict(msgspec.to_builtins(build))


def _facts_document(facts: BuildFacts) -> dict[str, object]:
    """The lists in full; of state descriptions and names, which fill megabytes, the number."""
    return {
        "machines": facts.machines,
        "devices": facts.devices,
        "states": len(facts.states),
        "names": len(facts.names),
        "markers": dict(sorted(facts.markers.items())),
        "lost": dict(sorted(facts.lost.items())),
    }


def _print_json(content: object) -> None:
    key = "builds" if isinstance(content, list) else "build"
    document = msgspec.json.encode({"schema": SCHEMA, key: content})
    click.echo(msgspec.json.format(document, indent=2))  # bytes: JSON is UTF-8 in every locale
