"""`qcompat guest targets`: where a guest with its history can go, and what bars it elsewhere."""

from __future__ import annotations

import click

from qcompat.cli.guest.recorded import portraits_of, recorded
from qcompat.cli.options.shared import base_type_option, opened, store_option
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.cli.process.event_loop import run_waiting
from qcompat.lineage.lineage import powered_on
from qcompat.portrait.builds_of_guest import builds_with
from qcompat.portrait.bundled import bundled_builds
from qcompat.portrait.portraits import Portraits


@click.command()
@click.argument("name")
@click.option(
    "--search/--no-search",
    default=True,
    help="Search for settings for builds that refuse the guest (default), or only judge.",
)
@base_type_option
@store_option
@shown_as("guest targets", verbose="Show every finding.", has_remedies=True)
def targets(
    name: str,
    search: bool,
    base_type: bool,
    store: str,
    shown: Shown,
) -> None:
    """Show which builds a guest can go to, given its history.

    For a build that it cannot go to: what to set, which other builds lead there, or what clears
    what the guest carries.
    """
    from qcompat.app.lineage.on_target import on_base_type
    from qcompat.app.lineage.targets import judge_targets
    from qcompat.report.lineage.answers import GuestTargets

    engine = opened(store)
    cycle = powered_on(recorded(engine, name))
    portraits, kept = Portraits.here(), portraits_of(engine, cycle)
    if base_type:
        cycle, kept = on_base_type(cycle, kept)
    here = builds_with(kept[cycle.started.portrait].guest.machine, portraits.registry.list())
    builds = tuple(dict.fromkeys([*(build.name for build in here), *bundled_builds()]))
    found = run_waiting(judge_targets(portraits, cycle, kept, builds, search=search))
    shown.show(GuestTargets(name, cycle, found))
