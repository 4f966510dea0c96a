"""`qcompat stream verify`: is a stream whole and consistent?"""

from __future__ import annotations

from pathlib import Path

import click

from qcompat.cli.options.shown import Shown, shown_as
from qcompat.cli.options.snapshot import snapshot_option
from qcompat.cli.stream.given import file_argument, given


@click.command()
@file_argument
@snapshot_option
@shown_as("stream verify")
@click.pass_context
def verify(ctx: click.Context, file: Path, snapshot: str | None, shown: Shown) -> None:
    """Check that a stream is complete and that its parts agree.

    Every record is read, guest memory included: footers, the list of RAM blocks, the addresses
    of pages, and whether the stream's description accounts for every byte of every device.
    Whether a target accepts the contents is another question: `qcompat check`.

    \b
    Exit codes:
      0  complete and consistent
      1  damaged
      3  no damage found, but nothing describes some of it
    """
    from qcompat.stream.verify import verify as verified

    with given(file, snapshot) as (_, reader):
        found = verified(reader)
    shown.show(found)
    ctx.exit({"whole": 0, "damaged": 1, "unknown": 3}[found.verdict])
