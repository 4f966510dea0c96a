"""Which options of a command line a remedy changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from qcompat.compare.guest import options_of
from qcompat.guest.guest import Guest

Options = tuple[tuple[str, str], ...]
"""Each option with its value, which is empty for one that has none."""


def changed_options(before: Guest, after: Guest) -> tuple[Options, Options]:
    """The options that only `after` has, and those that only `before` has, in their order."""
    return changed_words(before.arguments, after.arguments)


def changed_words(before: Sequence[str], after: Sequence[str]) -> tuple[Options, Options]:
    """The same for the words of two command lines."""
    old, new = options_of(before), options_of(after)
    return _beyond(new, old), _beyond(old, new)


def _beyond(options: list[tuple[str, str]], others: list[tuple[str, str]]) -> Options:
    left, found = Counter(others), []
    for each in options:
        if left[each]:
            left[each] -= 1
        else:
            found.append(each)
    return tuple(found)
