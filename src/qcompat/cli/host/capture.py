"""`qcompat host capture`: write down what this host gives its guests."""

from __future__ import annotations

from pathlib import Path

import click

from qcompat.app.hosts import CaptureQuestion
from qcompat.app.hosts import capture as ask
from qcompat.cli.options.completion import complete_build
from qcompat.cli.options.shared import writable_file
from qcompat.cli.process.event_loop import run_waiting
from qcompat.cli.process.say import note, say
from qcompat.portrait.portraits import AccelChoice, Portraits


@click.command()
@click.argument("builds", nargs=-1, metavar="[BUILD]…", shell_complete=complete_build)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The file to write, such as host-a.json.",
)
@click.option("--name", default="", metavar="NAME", help="The host's name. By default its own.")
@click.option(
    "--accel",
    type=click.Choice(["auto", "kvm", "tcg"]),
    default="auto",
    help="What runs guests. By default auto: KVM if this machine has it, else TCG.",
)
@click.option("--no-backends", is_flag=True, help="Do not ask what taps and vhost offer.")
def capture(
    builds: tuple[str, ...], output: Path, name: str, accel: AccelChoice, no_backends: bool
) -> None:
    """Record in a file what this host gives its guests.

    The file holds the kernel, microcode and clock, what taps and vhost offer, and for each BUILD
    (by default all registered ones of its architecture) the CPU features, the named models that run
    and their definitions. Nothing on the host is changed. It takes about a second for each build.
    """
    place = writable_file(output)
    question = CaptureQuestion(builds, accel, name, backends=not no_backends)
    found = run_waiting(ask(question, Portraits.here(), _warn))
    from qcompat.hosts.capture_file import write_capture

    write_capture(found, place)
    kinds = ", ".join(f"{each.build} ({each.accelerator})" for each in found.builds)
    say(f"{output}: {found.name}, {kinds}")


def _warn(text: str) -> None:
    note(f"note: {text}")
