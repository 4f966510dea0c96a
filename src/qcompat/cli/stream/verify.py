"""`qcompat stream verify`: is a stream whole and consistent?"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from qcompat.cli.json_option import json_option
from qcompat.cli.stream.given import file_argument, given, snapshot_option


@click.command()
@file_argument
@snapshot_option
@json_option
@click.pass_context
def verify(ctx: click.Context, file: Path, snapshot: str | None, as_json: bool) -> None:
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
    from qcompat.report.stream.text.verify import exit_code, write_json, write_text
    from qcompat.stream.verify import verify as verified

    with given(file, snapshot) as (_, reader):
        found = verified(reader)
    (write_json if as_json else write_text)(found, sys.stdout)
    ctx.exit(exit_code(found))
