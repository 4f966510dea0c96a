"""Which options of a command line a remedy changed."""

from __future__ import annotations

from collections import Counter

from qcompat.guest.guest import Guest

Options = tuple[tuple[str, str], ...]
"""Each option with its value, which is empty for one that has none."""


def changed_options(before: Guest, after: Guest) -> tuple[Options, Options]:
    """The options that only `after` has, and those that only `before` has, in their order."""
    ours, theirs = _options(before), _options(after)
    return _beyond(theirs, ours), _beyond(ours, theirs)


def _options(guest: Guest) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for word in guest.arguments:
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
