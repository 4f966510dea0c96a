"""`qcompat builds`: fetch, add, list, show and remove the builds of this machine."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from qcompat.arch.architecture import architectures, usual
from qcompat.builds.registry import Registry, check_name
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.errors import FetchError
from qcompat.local.home import cache_home, data_home
from qcompat.report.terminal.plain import printable

if TYPE_CHECKING:
    from qcompat.builds.build import Build


class _Directory(click.Path):
    """A directory that exists; an empty word, which click resolves to `.`, is none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not value:
            self.fail("an empty path names no directory", param, ctx)
        return super().convert(value, param, ctx)


_DIRECTORY = _Directory(exists=True, file_okay=False, resolve_path=True)


@click.group()
def builds() -> None:
    """Fetch, register and inspect builds of QEMU."""


@builds.command()
@click.argument("suites", metavar="debian/SUITE...", nargs=-1, required=True)
@click.option(
    "--arch",
    type=click.Choice(list(architectures())),
    default=usual().name,
    show_default=True,
    help="The architecture of the guests that it emulates.",
)
@click.option("--mirror", default="", metavar="URL", help="Debian mirror. By default the host's.")
@click.option("--security-mirror", default="", metavar="URL", help="Mirror of security updates.")
def fetch(suites: tuple[str, ...], arch: str, mirror: str, security_mirror: str) -> None:
    """Fetch QEMU from Debian suites, each into a root of its own.

    Any suite will do: debian/bookworm, debian/bookworm-backports, debian/sid. Signatures are
    verified, and the packages of this machine are not touched.
    """
    from qcompat.builds.fetch.fetch import fetch as fetch_build
    from qcompat.builds.fetch.mirror import find_sites
    from qcompat.builds.fetch.suite import parse_suite
    from qcompat.cli.builds.fetch_progress import shown_progress

    for suite in suites:
        parse_suite(suite)  # wrong usage is refused before anything is downloaded
    sites = find_sites(mirror, security_mirror)
    failures: list[FetchError] = []
    for suite in suites:
        try:
            with shown_progress(suite) as progress:
                build = fetch_build(
                    suite,
                    registry=_registry(),
                    cache=cache_home(),
                    sites=sites,
                    progress=progress,
                    architecture=architectures()[arch],
                )
            click.echo(f"{suite} is {build.name} ({_told(build)})")
        except FetchError as failure:
            failures.append(failure)  # the other suites may still be fetched
    if failures:
        messages = "\nerror: ".join(failure.message for failure in failures)
        raise FetchError(messages, failures[0].hint) from failures[0]


@builds.command()
@click.argument("name")
@click.argument("path")
@click.option(
    "--firmware-dir", "firmware_dirs", multiple=True, type=_DIRECTORY, help="Passed to it with -L."
)
@click.option("--module-dir", type=_DIRECTORY, help="Where its modules are.")
def add(name: str, path: str, firmware_dirs: tuple[str, ...], module_dir: str | None) -> None:
    """Register the QEMU binary at PATH as NAME."""
    from qcompat.builds.build import Build
    from qcompat.builds.identify import UNIDENTIFIED, identify

    registry = _registry()
    registry.check_free(check_name(name))
    binary = str(Path(shutil.which(path) or path).absolute())
    build = Build(name, UNIDENTIFIED, "native", binary, "", firmware_dirs, module_dir or "")
    build = msgspec.structs.replace(build, identity=identify(build))
    registry.add(build)
    click.echo(f"registered {name}: QEMU {_told(build)}")


@builds.command("list")
@shown_as("builds list")
def list_builds(shown: Shown) -> None:
    """List the registered builds."""
    from qcompat.builds.identify import why_unusable
    from qcompat.report.builds.answers import BuildList

    found = tuple((build, why_unusable(build)) for build in _registry().list())
    if not found and shown.form == "text":
        click.echo("no build is registered; try: qcompat builds fetch debian/bookworm", err=True)
    shown.show(BuildList(found))


@builds.command()
@click.argument("name")
@shown_as("builds show")
def show(name: str, shown: Shown) -> None:
    """Show what is known about a build."""
    from qcompat.builds.identify import confirm
    from qcompat.builds.learn.learn import learn
    from qcompat.report.builds.answers import KnownBuild

    build = _registry().get(name)
    confirm(build)
    shown.show(KnownBuild(build, learn(build, cache=cache_home())))


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
