"""A few whole guests as people run them, for portraits and measurements.

They are `whole.toml`, written as a user would write them, and read like any user's.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import msgspec

from qcompat.arch.architecture import board_of
from qcompat.dataset import read_table
from qcompat.guest.arguments import parse
from qcompat.guest.given.forms.shell import split_words
from qcompat.guest.guest import Guest


class Whole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of `whole.toml`; `board` is the short name of a board (see `arch`)."""

    board: str
    arguments: str


@cache
def whole_table() -> Mapping[str, Whole]:
    """The entries of `whole.toml`."""
    return read_table("qcompat.guest", "whole.toml", dict[str, Whole])


def whole_guests(machine: str) -> Mapping[str, Guest]:
    """The guests that fit a machine type, by name."""
    board = board_of(machine).name
    return {
        name: parse(split_words(entry.arguments.format(machine=machine)))
        for name, entry in whole_table().items()
        if entry.board == board
    }
