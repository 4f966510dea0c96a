"""`qcompat check`: can this guest migrate from one build to another, and back?

The exit code is about the way forward alone; the way back is in the answer.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qcompat.app.asked_guest import AskedGuest
from qcompat.app.check import Checked, CheckQuestion
from qcompat.app.check import check as ask
from qcompat.cli.options.completion import complete_build
from qcompat.cli.options.gate import gate_options
from qcompat.cli.options.guest import guest_options
from qcompat.cli.options.running import running_options
from qcompat.cli.options.running_question import argv_option, from_option, guest_now
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.cli.options.snapshot import snapshot_option
from qcompat.cli.options.why import why_option
from qcompat.cli.process.event_loop import run, run_waiting
from qcompat.compare.hosts.differences import HostPair
from qcompat.errors import UsageError
from qcompat.portrait.portraits import Portraits
from qcompat.report.check.answers import CheckAnswer

if TYPE_CHECKING:
    from qcompat.app.cold_start import ColdStart
    from qcompat.app.repair import Repaired
    from qcompat.app.running.check_now import CheckedNow
    from qcompat.portrait.running.reach.running import Running
    from qcompat.verdict.gate import Gate


@click.command()
@click.argument("source", required=False, shell_complete=complete_build)
@click.argument("target", required=False, shell_complete=complete_build)
@guest_options
@running_options
@click.option(
    "--to",
    "--and",
    "targets",
    multiple=True,
    metavar="BUILD",
    shell_complete=complete_build,
    help="Where a running or saved guest would go; --and names more.",
)
@from_option
@argv_option
@snapshot_option
@gate_options()
@click.option(
    "--source-host",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Capture of the host that runs SOURCE (see `qcompat host capture`).",
)
@click.option(
    "--target-host",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Capture of the host that runs TARGET. What hosts deny the guest counts too.",
)
@click.option(
    "--repair",
    "is_repaired",
    is_flag=True,
    help="Also search for what to set on TARGET, a build on this machine (see `qcompat repair`).",
)
@shown_as("check", verbose="Show everything.")
@why_option
@click.pass_context
def check(
    ctx: click.Context,
    source: str | None,
    target: str | None,
    asked: AskedGuest,
    running: Running | None,
    targets: tuple[str, ...],
    build: str,
    argv: Path | None,
    snapshot: str | None,
    gate: Gate,
    source_host: Path | None,
    target_host: Path | None,
    is_repaired: bool,
    shown: Shown,
) -> None:
    """Predict whether a guest can migrate to another build, and back.

    SOURCE and TARGET are builds (see `qcompat builds list`) or portrait files. A portrait file
    contains its guest. Otherwise describe the guest: --machine and --device for a small guest
    with one device, or a whole guest as QEMU ARGUMENTS after `--`.

    A running guest (--qmp, --pid or --domain) is judged as it is now, --to one build or more:
    with what was plugged in, and the state that its drivers made. For that it is stopped for a
    millisecond or two.

    A saved guest (SOURCE is a save image of libvirt, a migration file, or a qcow2 image with a
    --snapshot) is judged as it was saved, --to one build or more. Where the file does not hold
    its configuration, describe it by --guest. --from names the build that saved it.

    Each finding has a number; --why N shows all that it stands on.

    \b
    Exit codes, for the migration from SOURCE to TARGET:
      0  the guest loads, and nothing changes for it while it runs (ok, or drift at reset)
      1  that promise is broken (drift, blocked); --promise says which promise counts
      3  unknown: too little is known to decide
    """
    if running:
        _refuse_beside_running(source, asked, source_host or target_host, is_repaired=is_repaired)
        ctx.exit(_of_running(running, targets, build, argv, gate, shown))
    if source is not None and target is None and targets:
        _refuse_beside_saved(source_host or target_host, is_repaired=is_repaired)
        ctx.exit(_of_saved(Path(source), asked, targets, build, snapshot, gate, shown))
    if source is None or target is None or targets:
        raise UsageError(
            "--to is for a running guest, or a saved one"
            if targets
            else "SOURCE and TARGET are needed",
            "see `qcompat check --help`; a running guest: qcompat check --qmp SOCKET --to BUILD;"
            " a saved one: qcompat check FILE --to BUILD",
        )
    hosts = _hosts(source_host, target_host, is_repaired=is_repaired)
    portraits = Portraits.here()
    checked = run(lambda: ask(CheckQuestion(source, target, asked, hosts), portraits))
    repaired = _repaired(checked, target, asked, gate, portraits) if is_repaired else None
    cold = _cold_start(checked, target, portraits)
    end = gate.exit(checked.judgement.forward)
    shown.show(CheckAnswer(checked.judgement, repaired, cold), end)
    ctx.exit(end.code)


def _cold_start(checked: Checked, target: str, portraits: Portraits) -> ColdStart | None:
    """What a start on another machine type would change, where the target lacks the guest's."""
    if checked.target.refusal is None:
        return None
    from qcompat.app.cold_start import cold_start

    return run_waiting(cold_start(checked, target, portraits))


def _refuse_beside_running(
    source: str | None, asked: AskedGuest, host: Path | None, *, is_repaired: bool
) -> None:
    if source is not None or not asked.says_nothing:
        raise UsageError(
            "the guest is given twice: it runs, and is described",
            "leave SOURCE and the description out, and name the targets with --to",
        )
    if host or is_repaired:
        raise UsageError(
            "--repair and captures of hosts are not for a running guest",
            "what its next start must set is told by: qcompat carry; or save it with "
            "`qcompat portrait take`, and check that file",
        )


def _of_running(
    running: Running,
    targets: tuple[str, ...],
    build: str,
    argv: Path | None,
    gate: Gate,
    shown: Shown,
) -> int:
    """Judge a running guest; the exit code is of the target that is worst."""
    from qcompat.app.running.check_now import check_now
    from qcompat.app.running.targets import distinct

    wanted = distinct(targets)  # before the guest is disturbed
    portraits = Portraits.here()
    now = guest_now(portraits, running, build, argv)
    checked = run_waiting(check_now(now, wanted, portraits))
    return _shown(checked, gate, shown)


def _shown(checked: CheckedNow, gate: Gate, shown: Shown) -> int:
    from qcompat.verdict.gate import Exit

    codes = {gate.exit_code(check.judgement.forward) for check in checked.checks}
    code = next(code for code in (1, 3, 0) if code in codes)
    shown.of("check --qmp").show(checked, Exit(code, gate))
    return code


def _refuse_beside_saved(host: Path | None, *, is_repaired: bool) -> None:
    if host or is_repaired:
        raise UsageError(
            "--repair and captures of hosts are not for a saved guest",
            "leave them out; what a start needs is told by: qcompat repair",
        )


def _of_saved(
    file: Path,
    asked: AskedGuest,
    targets: tuple[str, ...],
    build: str,
    snapshot: str | None,
    gate: Gate,
    shown: Shown,
) -> int:
    """Judge a saved guest; the exit code is of the target that is worst."""
    from qcompat.app.running.saved import SavedQuestion, check_saved, is_saved, read_saved

    if not is_saved(file):
        raise UsageError(
            f"{file} holds no saved guest, and --to is for one",
            "name a save image, a migration file or a qcow2 image; two builds are given as SOURCE"
            " and TARGET",
        )
    saved = read_saved(SavedQuestion(file, asked, build, snapshot))
    return _shown(run_waiting(check_saved(saved, targets, Portraits.here())), gate, shown)


def _repaired(
    checked: Checked, target: str, given: AskedGuest, gate: Gate, portraits: Portraits
) -> Repaired:
    """What to set on the target; a mere check does not import what searches for it."""
    from qcompat.app.repair import RepairQuestion, repair

    asked = AskedGuest(checked.target.guest, own=given.own)
    question = RepairQuestion(checked.source, target, asked, promise=gate.goal)
    return run_waiting(repair(question, portraits))


def _hosts(source: Path | None, target: Path | None, *, is_repaired: bool) -> HostPair | None:
    """Both hosts; None where none is given. Errors: UsageError."""
    if source is None and target is None:
        return None
    if source is None or target is None:
        raise UsageError(
            "a capture is given for only one host, and hosts are compared with each other",
            "give both --source-host and --target-host",
        )
    if is_repaired:  # candidates are started here, by a kernel that is neither host's
        raise UsageError(
            "--repair tries its candidates on this machine, and knows nothing about other hosts",
            "leave out --repair, or the hosts; `qcompat host lines` and `qcompat cpu baseline` "
            "show how to make hosts alike",
        )
    from qcompat.hosts.read.recognise import read_host

    return HostPair(read_host(source), read_host(target))
