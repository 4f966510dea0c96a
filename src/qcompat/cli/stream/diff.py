"""`qcompat stream diff`: where two streams differ, by the comparison that `check` uses."""

from __future__ import annotations

from pathlib import Path

import click

from qcompat.cli.options.shown import Shown, shown_as
from qcompat.cli.stream.given import given
from qcompat.stream.model import Stream
from qcompat.stream.reader.whole import fold


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
@shown_as("stream diff", verbose="Do not shorten long values.")
@click.pass_context
def diff(ctx: click.Context, source: Path, target: Path, shown: Shown) -> None:
    """Show where two streams differ: fields, registers, queues.

    Guest memory is compared by its blocks, not by its contents. Names are not on the wire, so
    fields are compared by their position. For a snapshot in a qcow2 image see --snapshot of the
    other commands.

    \b
    Exit codes:
      0  no difference
      1  they differ
    """
    from qcompat.compare.stream.stream import compare_streams
    from qcompat.report.stream.answers import StreamDiff
    from qcompat.report.stream.readings import Readings

    one, other = _read(source), _read(target)
    found = tuple(compare_streams(one, other))
    shown.show(StreamDiff(found, (Readings(one), Readings(other))))
    ctx.exit(1 if found else 0)


def _read(file: Path) -> Stream:
    with given(file, None, memory=False) as (_, reader):
        return fold(reader)
