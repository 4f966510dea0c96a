"""Which options of a command line a remedy changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from qcompat.guest.guest import Guest

Options = tuple[tuple[str, str], ...]
"""Each option with its value, which is empty for one that has none."""


def changed_options(before: Guest, after: Guest) -> tuple[Options, Options]:
    """The options that only `after` has, and those that only `before` has, in their order."""
    return changed_words(before.arguments, after.arguments)


def changed_words(before: Sequence[str], after: Sequence[str]) -> tuple[Options, Options]:
    """The same of the words of two command lines."""
    ours, theirs = _options(before), _options(after)
    return _beyond(theirs, ours), _beyond(ours, theirs)


def _options(words: Sequence[str]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for word in words:
        if word.startswith("-"):
            pairs.append((word, ""))
        elif pairs:
            pairs[-1] = (pairs[-1][0], word)
    return pairs


def _beyond(options: list[tuple[str, str]], others: list[tuple[str, str]]) -> Options:
    left, found = Counter(others), []
    for each in options:
        if left[each]:
            left[each] -= 1
        else:
            found.append(each)
    return tuple(found)
