"""`qcompat guest off`: a guest was powered off; nothing of it is carried any further."""

from __future__ import annotations

import click

from qcompat.cli.guest.recorded import now, recorded
from qcompat.cli.json_option import json_option
from qcompat.cli.store_option import opened, store_option
from qcompat.lineage.event import Off


@click.command()
@click.argument("name")
@store_option
@json_option
def off(name: str, store: str, as_json: bool) -> None:
    """Record that a guest was powered off, which drops its marks.

    Do not use it for a reset, or for a guest that was migrated away.
    """
    from qcompat.cli.guest.show import tell
    from qcompat.store.lineages import append

    engine = opened(store)
    before = recorded(engine, name)
    grown = append(engine, before, Off(now()))
    tell(grown, {}, as_json, dropped=before.life.marks if before.life else ())
