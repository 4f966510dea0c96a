"""`qcompat stream show`: everything in a stream, in its order."""

from __future__ import annotations

from pathlib import Path

import click

from qcompat.cli.options.shown import Shown, shown_as
from qcompat.cli.options.snapshot import snapshot_option
from qcompat.cli.stream.given import file_argument, given
from qcompat.errors import UsageError


@click.command()
@file_argument
@snapshot_option
@click.option(
    "--section",
    metavar="GLOB",
    help="Only sections of this name, such as '*/virtio-net' or 'cpu[0]'.",
)
@shown_as("stream show", verbose="Leave out and shorten nothing.")
def show(file: Path, snapshot: str | None, section: str | None, shown: Shown) -> None:
    """Show the configuration, sections and fields of a stream.

    Guest memory is skipped (`qcompat stream ram` counts its pages); without -v, large memory is
    not even read. A stream that is damaged or lacks its description is shown as far as it can
    be read; then an error says where reading stopped and why, and the exit code is 2.
    """
    from qcompat.report.stream.answers import ShownStream

    with given(file, snapshot, memory=shown.verbose) as (wrapping, reader):
        stream = ShownStream(str(file), wrapping, reader, section)
        shown.show(stream)
    if section and not stream.has_found:
        raise UsageError(
            f"no section is called {section!r}",
            "quote the pattern, and see all names with: qcompat stream show FILE",
        )
