"""The option that names the store, and opening what it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sqlalchemy import Engine

store_option = click.option(
    "--store",
    "store",
    default="",
    metavar="URL",
    help="Where lineages are kept, as sqlite:////FILE or postgresql://USER@HOST/DATABASE. "
    "Usually $QCOMPAT_STORE, else one file in qcompat's data directory.",
)


def opened(store: str) -> Engine:
    """The store, made or brought up to date; SQLAlchemy is imported only now."""
    from qcompat.store.database import connect

    return connect(store)
