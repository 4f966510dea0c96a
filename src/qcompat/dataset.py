"""Reading the tables that ship with qcompat: TOML and JSON files, validated when loaded.

What each table says is documented at its head and in the file that uses it. A table with a
wrong key, type or spelling fails as a whole: a typing error must not silently drop knowledge.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TypeVar

import msgspec

from qcompat.errors import FileFormatError

Table = TypeVar("Table")


def read_table(package: str, name: str, shape: type[Table]) -> Table:
    """The table `name`, a path below `package`, as `shape`.

    Errors: FileFormatError where it does not fit.
    """
    return parse_table(folder_of(package).joinpath(name).read_bytes(), shape, name)


def folder_of(package: str) -> Path:
    """Where the files of a package lie; importing importlib.resources takes longer than reading."""
    return Path(next(iter(import_module(package).__path__)))


def parse_table(data: bytes, shape: type[Table], name: str) -> Table:
    """The table in `data`, JSON if its name ends so, else TOML. Errors: FileFormatError."""
    decode = msgspec.json.decode if name.endswith(".json") else msgspec.toml.decode
    try:
        return decode(data, type=shape)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise FileFormatError(
            f"the table {name} is not valid: {error}", "compare it with the comment at its head"
        ) from error
