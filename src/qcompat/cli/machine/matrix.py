"""`qcompat machine matrix`: which migrations of a described world work, before and after a fix."""

from __future__ import annotations

from pathlib import Path

import click

from qcompat.cli.options.shown import Shown, shown_as
from qcompat.errors import FileFormatError
from qcompat.local.foreign_file import read_foreign
from qcompat.machine.scenario.read import read
from qcompat.machine.scenario.work_out import work_out

_MOST_BYTES = 16 << 20


@click.command()
@click.argument("scenario", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@shown_as("machine matrix")
@click.pass_context
def matrix(ctx: click.Context, scenario: Path, shown: Shown) -> None:
    """Judge the migrations of a scenario file, without QEMU.

    The SCENARIO (TOML) describes what builds give their devices, what guests see of it and how
    targets check it. Every pair of builds and every chain gets its verdict, before the file's
    fix and after it, so that a compat entry can be tried before it is written.

    \b
    Exit codes:
      0  every expectation in the file holds (or it has none)
      1  an expectation does not hold
      2  the file is not a scenario; all of its problems are listed
    """
    worked = work_out(read(_text(scenario), str(scenario)))
    shown.show(worked)
    ctx.exit(0 if worked.holds else 1)


def _text(path: Path) -> str:
    try:
        return read_foreign(path, _MOST_BYTES).decode()
    except UnicodeDecodeError as error:
        raise FileFormatError(f"{path} is not TOML: it is not UTF-8 ({error.reason})") from error
