"""`qcompat machine audit`: what is wrong with the compat tables of a build."""

from __future__ import annotations

import click

from qcompat.cli.machine.given import accel_option, facts_of
from qcompat.cli.options.completion import complete_build
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.portrait.accel_choice import AccelChoice


@click.command()
@click.argument("build", shell_complete=complete_build)
@click.option(
    "--against",
    multiple=True,
    required=True,
    metavar="BUILD",
    shell_complete=complete_build,
    help="A build that guests come from.",
)
@accel_option
@shown_as("machine audit", verbose="Also show harmless findings.")
@click.pass_context
def audit(
    ctx: click.Context, build: str, against: tuple[str, ...], accel: AccelChoice, shown: Shown
) -> None:
    """Find mistakes in the compat tables of a build.

    BUILD is compared with other builds. A mistake is a default that changed without an entry
    for older machine types, an entry that reaches nothing or only some of the types it should,
    an entry in another release's table or added late, or a property that is gone. Each is shown
    with the machine types it affects and the entry to paste.

    \b
    Exit codes:
      0  nothing breaks a migration
      1  something does
    """
    from qcompat.machine.audit import audit as audited
    from qcompat.report.machine.answers import MachineAudit

    found = audited(facts_of(build, accel), [facts_of(name, accel) for name in against])
    shown.show(MachineAudit(build, against, found))
    ctx.exit(1 if any(each.severity == "breaks" for each in found) else 0)
