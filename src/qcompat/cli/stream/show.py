"""`qcompat stream show`: everything that a stream says, in its order."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from qcompat.cli.json_option import json_option
from qcompat.cli.stream.given import file_argument, given, snapshot_option
from qcompat.errors import UsageError


@click.command()
@file_argument
@snapshot_option
@click.option(
    "--section",
    metavar="GLOB",
    help="Only sections of this name, such as '*/virtio-net' or 'cpu[0]'.",
)
@json_option
@click.option("-v", "--verbose", is_flag=True, help="Leave nothing out and cut nothing short.")
def show(
    file: Path, snapshot: str | None, section: str | None, as_json: bool, verbose: bool
) -> None:
    """Show the configuration, sections and fields of a stream.

    Guest memory is skipped (`qcompat stream ram` counts its pages); without -v, large memory is
    not even read. A stream that is damaged or lacks its description is shown as far as it can
    be read; then an error says where reading stopped and why, and the exit code is 2.
    """
    from qcompat.report.stream.document import write_document
    from qcompat.report.stream.text.show import write_text

    with given(file, snapshot, memory=verbose) as (wrapping, reader):
        if as_json:
            shown = write_document(str(file), wrapping, reader, sys.stdout, section)
        else:
            shown = write_text(wrapping, reader, sys.stdout, section, verbose=verbose)
    if section and not shown:
        raise UsageError(
            f"no section is called {section!r}",
            "quote the pattern, and see all names with: qcompat stream show FILE",
        )
