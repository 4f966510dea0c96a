"""How a command gets a running guest: --qmp, --pid, or --domain with --connect."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from qcompat.cli.process.say import note
from qcompat.errors import UnreachableError, UsageError
from qcompat.portrait.running.reach.running import Domain, Process, Running, Socket

TAINTS = (
    "note: libvirt logs that the domain's monitor is used, and counts the domain as tainted "
    "(custom-monitor)"
)


def running_options(command: Callable[..., object]) -> Callable[..., object]:
    """Add the options that name a running guest; the command gets them as `running`, or None.

    Errors: UsageError where it is named in more than one way.
    """

    @wraps(command)
    def with_running(
        *,
        qmp: Path | None,
        pid: int | None,
        domain: str | None,
        connect: str | None,
        **others: Any,
    ) -> object:
        return command(running=running_of(qmp, pid, domain, connect), **others)

    decorated: Callable[..., object] = with_running
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


def running_of(
    qmp: Path | None, pid: int | None, domain: str | None, connect: str | None
) -> Running | None:
    """The guest that the options name; None where they name none. Errors: UsageError."""
    ways = {"--qmp": qmp, "--pid": pid, "--domain": domain}
    given = [option for option, value in ways.items() if value is not None]
    if len(given) > 1:
        raise UsageError(
            f"the running guest is named in {len(given)} ways: by {' and by '.join(given)}",
            f"name it once, by {given[0]} alone",
        )
    if connect is not None and domain is None:
        raise UsageError("--connect is given without a domain", "add --domain NAME")
    if "" in (domain, connect) or qmp == Path():
        raise UsageError("the name of the running guest is empty", "as in: --domain web1")
    if domain is not None:
        return Domain(domain, connect or "")
    if pid is not None:
        return Process(pid)
    return Socket(qmp) if qmp else None


def warn(running: Running | None) -> None:
    """Say on standard error, before the guest is asked, what the asking leaves behind."""
    if isinstance(running, Domain):
        note(TAINTS)


def words_of_unreachable(running: Running, why: UnreachableError) -> tuple[str, ...]:
    """The arguments of a process, which are all that is known of a guest without a monitor.

    It is said on standard error what that means. Raises `why` for a guest that is no process.
    """
    from qcompat.portrait.running.reach.process import qemu_words

    if not isinstance(running, Process):
        raise why
    said = f"note: {why.message}\nnote: the answer is for the arguments of the process alone"
    note(f"{said}\nhint: {why.hint}")
    return qemu_words(running)


_OPTIONS = (
    click.option(
        "--qmp",
        type=click.Path(path_type=Path),
        metavar="SOCKET",
        help="The running guest, by a QMP socket.",
    ),
    click.option(
        "--pid",
        type=click.IntRange(min=1),
        metavar="N",
        help="The running guest, by the process of its QEMU.",
    ),
    click.option(
        "--domain", metavar="NAME", help="The running guest, by its name, UUID or id in libvirt."
    ),
    click.option(
        "--connect",
        metavar="URI",
        help="Where libvirt runs the domain, as in qemu+ssh://HOST/system. By default as virsh.",
    ),
)
