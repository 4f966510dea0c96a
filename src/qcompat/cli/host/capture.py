"""`qcompat host capture`: write down what this host gives its guests."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal

import click

from qcompat.builds.build import Build
from qcompat.builds.registry import Registry
from qcompat.cli.event_loop import run_waiting
from qcompat.cli.output_file import writable_file
from qcompat.errors import UsageError
from qcompat.hosts.capture import HostCapture
from qcompat.local.home import cache_home, data_home
from qcompat.portrait.portrait import Accel

Choice = Literal["auto", "kvm", "tcg"]


@click.command()
@click.argument("builds", nargs=-1, metavar="[BUILD]…")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to, as host-a.json.",
)
@click.option("--name", default="", metavar="NAME", help="The host's name. Usually its own.")
@click.option(
    "--accel",
    type=click.Choice(["auto", "kvm", "tcg"]),
    default="auto",
    help="Usually auto: KVM where this machine has it, else TCG.",
)
@click.option("--no-backends", is_flag=True, help="Do not ask what taps and vhost offer.")
def capture(
    builds: tuple[str, ...], output: Path, name: str, accel: Choice, no_backends: bool
) -> None:
    """Record in a file what this host gives its guests.

    The file holds the kernel, microcode and clock, what taps and vhost offer, and for each BUILD
    (by default all registered ones) the CPU features, the named models that run and their
    definitions. Nothing on the host is changed. It takes about a second for each build.
    """
    place = writable_file(output)
    found = take_capture(_builds(builds), accel, name=name, backends=not no_backends)
    from qcompat.hosts.capture_file import write_capture

    write_capture(found, place)
    kinds = ", ".join(f"{each.build} ({each.accelerator})" for each in found.builds)
    click.echo(f"{output}: {found.name}, {kinds}")


def take_capture(
    builds: tuple[Build, ...], accel: Choice, *, name: str = "", backends: bool = False
) -> HostCapture:
    """Ask this host. Errors: UsageError, BuildError."""
    import msgspec

    from qcompat.builds.learn.learn import learn
    from qcompat.hosts.ask.host import capture_host
    from qcompat.hosts.backends.ask import ask_backends

    warn = partial(click.echo, err=True)
    found = run_waiting(
        capture_host(builds, _accels(accel), name=name, warn=lambda text: warn(f"note: {text}"))
    )
    if not backends:
        return found
    offered = run_waiting(ask_backends(builds, lambda build: learn(build, cache=cache_home())))
    return msgspec.structs.replace(found, backends=offered)


def _builds(names: tuple[str, ...]) -> tuple[Build, ...]:
    registry = Registry(data_home())
    found = tuple(registry.get(name) for name in dict.fromkeys(names)) or registry.list()
    if not found:
        raise UsageError(
            "no build is registered on this host",
            "register the QEMU that runs guests here: qcompat builds add",
        )
    return found


def _accels(choice: Choice) -> tuple[Accel, ...]:
    from qcompat.local.kvm import has_kvm

    if choice == "kvm" and not has_kvm():
        raise UsageError(
            "--accel kvm was asked for, but /dev/kvm cannot be opened here",
            "use --accel tcg, or give this user access to /dev/kvm",
        )
    if choice == "auto":
        return ("kvm",) if has_kvm() else ("tcg",)
    return (choice,)
