"""`qcompat builds`: fetch, add, list, show and remove the builds of this machine."""

from __future__ import annotations

import os
from itertools import product
from typing import TYPE_CHECKING, Any

import click

from qcompat.arch.architecture import architecture_called, architectures, usual
from qcompat.builds.registry import Registry
from qcompat.cli.options.completion import complete_build
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.cli.process.say import note, say
from qcompat.cli.process.waiting import shown_while_waiting
from qcompat.errors import FetchError, UsageError
from qcompat.local.home import cache_home, data_home
from qcompat.report.terminal.plain import printable

if TYPE_CHECKING:
    from qcompat.app.add_build import Added
    from qcompat.builds.build import Build


@click.group()
def builds() -> None:
    """Fetch, register and inspect builds of QEMU."""


@builds.command()
@click.argument("suites", metavar="ARCHIVE/SUITE...", nargs=-1, required=True)
@click.option(
    "--arch",
    "archs",
    type=click.Choice(list(architectures())),
    multiple=True,
    help="An architecture of the guests that it emulates, any number of times. By default this "
    "machine's.",
)
@click.option("--mirror", default="", metavar="URL", help="The archive's. By default the host's.")
@click.option("--security-mirror", default="", metavar="URL", help="Mirror of security updates.")
@click.option("--base-mirror", default="", metavar="URL", help="Of the archive that it stands on.")
@click.option(
    "--keyring", default="", metavar="FILE", help="The archive's keys. By default its package's."
)
@click.option(
    "--component", "components", multiple=True, metavar="NAME", help="By default the archive's."
)
def fetch(suites: tuple[str, ...], archs: tuple[str, ...], **given: Any) -> None:
    """Fetch QEMU from archives, each suite into its own root.

    Any suite will do: debian/bookworm, debian/bookworm-backports, ubuntu/noble, proxmox/trixie; of
    an archive that is not known by name too, with --mirror and --keyring. Of repositories of rpms
    (fedora/42, centos/9-stream, opensuse/tumbleweed, or rpm/ANY) --mirror is the directory with
    repodata, --base-mirror a second one. Signatures are verified, and the packages of this machine
    are not touched.
    """
    from qcompat.cli.builds.fetch_rpms import fetch_from_repositories, is_of_rpms

    if any(map(is_of_rpms, suites)):
        build = fetch_from_repositories(suites, _registry(), archs=archs, **given)
        say(f"{suites[0]} is {build.name} ({_told(build)})")
        return
    from qcompat.builds.fetch.fetch import fetch as fetch_build
    from qcompat.cli.builds.fetch_sources import given_sources
    from qcompat.cli.builds.root_progress import shown_progress

    sources = given_sources(suites, **given)  # wrong usage is refused before anything is downloaded
    failures: list[FetchError] = []
    for suite, arch in product(suites, dict.fromkeys(archs) or [_own_architecture()]):
        try:
            with shown_progress(suite) as progress:
                build = fetch_build(
                    suite,
                    registry=_registry(),
                    cache=cache_home(),
                    progress=progress,
                    architecture=architectures()[arch],
                    **sources[suite],
                )
            say(f"{suite} is {build.name} ({_told(build)})")
        except FetchError as failure:
            failures.append(failure)  # the other suites may still be fetched
    if failures:
        messages = "\nerror: ".join(failure.message for failure in failures)
        raise FetchError(messages, failures[0].hint) from failures[0]


@builds.command()
@click.argument("name")
@click.argument("paths", metavar="[PATH...]", nargs=-1)
@click.option("--root", default="", metavar="DIR", help="A root file system with a QEMU in it.")
@click.option("--tree", default="", metavar="DIR", help="A build tree of QEMU.")
@click.option("--image", default="", metavar="FILE", help="A container image in one file.")
@click.option("--packages", is_flag=True, help="The PATHs are packages: .deb, .rpm or .whl.")
@click.option("--binary", default="", metavar="PATH", help="The emulator in it. By default found.")
@click.option(
    "--firmware-dir",
    "firmware_dirs",
    multiple=True,
    metavar="DIR",
    help="Passed to it with -L. By default where its firmware is found.",
)
@click.option(
    "--module-dir", metavar="DIR", help="Where its modules are. By default where QEMU looks."
)
def add(
    name: str,
    paths: tuple[str, ...],
    firmware_dirs: tuple[str, ...],
    module_dir: str | None,
    **given: Any,
) -> None:
    """Register a QEMU as NAME.

    It is the binary at PATH, or that in a root file system (unpacked, of a container, of another
    distribution), in package files with what they depend on, in a container image (OCI layout or
    docker archive), or in a build tree. Nothing in packages and images is run but the emulator,
    which runs in their root with its libraries, in a sandbox. Firmware is looked for, and a start
    is tried. Run the same command again after something has changed.
    """
    from qcompat.app.add_build import AddQuestion, add_build
    from qcompat.cli.builds.given_origin import given_origin
    from qcompat.cli.builds.root_progress import shown_progress
    from qcompat.cli.process.event_loop import run_waiting
    from qcompat.portrait.portraits import Portraits

    origin = given_origin(name, paths, **given)
    question = AddQuestion(name, origin, firmware_dirs, module_dir)
    with shown_progress(name) as progress:
        added = run_waiting(add_build(question, Portraits.here(), progress), shows_itself=True)
    _tell_added(added)


@builds.command("list")
@click.argument("suites", metavar="[ARCHIVE/SUITE]...", nargs=-1)
@click.option("--remote", is_flag=True, help="List what can be fetched: versions and sizes.")
@click.option("--mirror", default="", metavar="URL", help="With --remote, as for fetch.")
@click.option("--keyring", default="", metavar="FILE", help="With --remote, as for fetch.")
@shown_as("builds list")
def list_builds(
    suites: tuple[str, ...], remote: bool, mirror: str, keyring: str, shown: Shown
) -> None:
    """List the registered builds, or what suites hold (--remote).

    Without suites, --remote looks into the usual ones of Debian, as their archives are now.
    """
    if remote:
        from qcompat.cli.builds.remote import list_remote

        list_remote(suites, mirror, keyring, shown.of("builds list --remote"))
        return
    if suites or mirror or keyring:
        raise UsageError("suites are listed with --remote", "qcompat builds list --remote")
    from qcompat.builds.identify import why_unusable
    from qcompat.report.builds.answers import BuildList

    found = tuple((build, why_unusable(build)) for build in _registry().list())
    if not found and shown.form == "text":
        note("no build is registered; try: qcompat builds fetch debian/bookworm")
    shown.show(BuildList(found))


@builds.command()
@click.argument("name", shell_complete=complete_build)
@shown_as("builds show")
def show(name: str, shown: Shown) -> None:
    """Show what is known about a build."""
    from qcompat.builds.identify import confirm
    from qcompat.builds.learn.learn import learn
    from qcompat.report.builds.answers import KnownBuild

    build = _registry().get(name)
    confirm(build)
    with shown_while_waiting():
        facts = learn(build, cache=cache_home())
    shown.show(KnownBuild(build, facts))


@builds.command()
@click.argument("name", shell_complete=complete_build)
def remove(name: str) -> None:
    """Unregister a build and delete what was fetched for it."""
    _registry().remove(name)
    say(f"removed {name}")


def _own_architecture() -> str:
    """This machine's, or that of most guests where it has no table."""
    return (architecture_called(os.uname().machine) or usual()).name


def _registry() -> Registry:
    return Registry(data_home())


def _told(build: Build) -> str:
    return printable(", ".join(filter(None, (build.identity.version, build.identity.package))))


def _tell_added(added: Added) -> None:
    """What was registered and found; to standard error what is missing."""
    build, root = added.build, f", in the root {added.build.root}" if added.build.root else ""
    again = " again" if added.before else ""
    say(f"registered {build.name}{again}: QEMU {_told(build)}{root}")
    if added.before and added.before.identity != build.identity:
        say(f"it was QEMU {_told(added.before)}, another binary")
    if added.firmware.added:
        say(f"firmware was found in {', '.join(added.firmware.added)}")
    if added.started:
        say(f"a guest of {added.started} starts")
    else:
        note(f"warning: no guest starts: {added.why_not}")
    if missing := added.firmware.missing:
        note(f"warning: no firmware {', '.join(missing)} was found")
        note("hint: name its directory with --firmware-dir, if guests need it")
