"""Reading the tables of this package: TOML and JSON files, validated when loaded."""

from __future__ import annotations

from importlib.resources import files
from typing import TypeVar

import msgspec

from qcompat.errors import FileFormatError

Table = TypeVar("Table")


def read_data(name: str, shape: type[Table]) -> Table:
    """The table `name` of `qcompat.hosts` as `shape`; FileFormatError where it does not fit."""
    data = files("qcompat.hosts").joinpath(name).read_bytes()
    decode = msgspec.toml.decode if name.endswith(".toml") else msgspec.json.decode
    try:
        return decode(data, type=shape)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise FileFormatError(
            f"the table {name} is not valid: {error}", "compare it with the comment at its head"
        ) from error
