"""`qcompat stream ram`: how much of guest memory is in a stream, and getting it out."""

from __future__ import annotations

from pathlib import Path

import click

from qcompat.cli.options.shown import Shown, shown_as
from qcompat.cli.options.snapshot import snapshot_option
from qcompat.cli.process.say import note
from qcompat.cli.stream.given import file_argument, given
from qcompat.errors import UsageError
from qcompat.local.whole_file import writing_whole
from qcompat.stream.reader.reader import Reader


@click.command()
@file_argument
@snapshot_option
@click.option("--extract", metavar="BLOCK", help="Write this block's memory to the file of -o.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write.")
@shown_as("stream ram")
def ram(
    file: Path, snapshot: str | None, extract: str | None, output: Path | None, shown: Shown
) -> None:
    """List the RAM blocks of a stream and count their pages.

    Pages are counted by how they were sent. Those that a running guest changed are sent again
    and count again. With --extract the block is written as it was at the end, zero pages as
    holes.
    """
    from qcompat.stream.memory.ram import DEFAULT_PAGE_SIZE
    from qcompat.stream.memory.tally import Counting

    if (extract is None) != (output is None):
        raise UsageError("--extract and -o go together", "as in: --extract pc.ram -o pc.ram.bin")
    with given(file, snapshot) as (_, reader):
        if extract is not None and output is not None:
            _extract(reader, extract, output)
            return
        counting = Counting(reader.data)
        for event in reader.events():
            counting.see(event)
        tally = counting.result(DEFAULT_PAGE_SIZE)
    shown.show(tally)


def _extract(reader: Reader, block: str, output: Path) -> None:
    """Into a new file beside `output`, which takes its place only when it is whole."""
    from qcompat.stream.memory.extract import extract

    if output.is_dir() or (output.exists() and not output.is_file()):
        raise UsageError(f"cannot write {output}: it is not a regular file", "name another file")
    if not output.parent.is_dir():
        raise UsageError(f"cannot write {output}: there is no directory {output.parent}")
    with writing_whole(output, 0o600) as file:
        pages = extract(reader, block, file)
    note(f"{output}: {output.stat().st_size:,} bytes, {pages:,} pages with data")
