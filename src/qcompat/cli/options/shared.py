"""Options with one meaning in several commands: base type, store, accelerator, a file to write."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qcompat.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import Engine


base_type_option = click.option(
    "--base-type",
    is_flag=True,
    help="Take a machine type of Proxmox VE (pc+pve0) as the one it is based on (pc).",
)

store_option = click.option(
    "--store",
    "store",
    default="",
    metavar="URL",
    help="Where lineages are kept, as sqlite:////FILE or postgresql://USER@HOST/DATABASE. "
    "By default $QCOMPAT_STORE, else a file in qcompat's data directory.",
)


def opened(store: str) -> Engine:
    """The store, made or brought up to date; SQLAlchemy is imported only now."""
    from qcompat.store.database import connect

    return connect(store)


def writable_file(output: Path) -> Path:
    """Where the file goes, links followed: it is put in place by a rename, so a device, a pipe
    or a directory of that name would be replaced by it. Raises UsageError.
    """
    place = Path(os.path.realpath(output))  # unlike resolve(), not upset by a link to itself
    if place.is_symlink():
        raise UsageError(f"cannot write {output}: it is a link to itself", "name a file")
    if not place.parent.is_dir():
        raise UsageError(f"cannot write {output}: there is no directory {place.parent}")
    if place.exists() and not place.is_file():
        raise UsageError(
            f"cannot write {output}: it exists and is not a regular file", "name a file"
        )
    if not os.access(place.parent, os.W_OK):
        raise UsageError(
            f"cannot write {output}: the directory {place.parent} cannot be written to",
            "choose a directory that you can write to",
        )
    return place
