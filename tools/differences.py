"""How two guests that should be one differ, option by option."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from qcompat.guest.guest import Guest


def differences(guest: Guest, wanted: Guest) -> tuple[str, ...]:
    """The options that only one of them has; `the order` where both have the same."""
    if guest.arguments == wanted.arguments:
        return ()
    own, other = Counter(_options(guest)), Counter(_options(wanted))
    only = [f"only read: {each}" for each in own - other]
    only += [f"only wanted: {each}" for each in other - own]
    return tuple(only) or ("the order",)


def _options(guest: Guest) -> Iterator[str]:
    words: list[str] = []
    for word in guest.arguments:
        if word.startswith("-") and words:
            yield " ".join(words)
            words = []
        words.append(word)
    yield " ".join(words)
