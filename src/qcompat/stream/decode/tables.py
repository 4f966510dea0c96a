"""Reading the tables of this package: TOML files, validated when loaded, each loaded once.

A table with a wrong key or type fails as a whole: a typing error must not silently drop a name.
"""

from __future__ import annotations

from functools import cache
from typing import TypeVar

from qcompat import dataset

Table = TypeVar("Table")

_FOLDER = "qcompat.stream.decode"


def read_table(name: str, shape: type[Table]) -> Table:
    """The table `name`, a path below this package, as `shape`."""
    return dataset.read_table(_FOLDER, name, shape)


@cache
def tables_in(folder: str) -> frozenset[str]:
    """The names, without `.toml`, of the tables in a folder of this package."""
    found = dataset.folder_of(_FOLDER).joinpath(folder).iterdir()
    return frozenset(each.name.removesuffix(".toml") for each in found)
