"""The messages of the catalogue that a text holds, in its order.

A message is looked for only where its longest run of fixed words stands, a bounded number of times,
and within a bounded distance: the time grows with the text's length, whatever is in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from qcompat.explain.catalogue import Message, catalogue
from qcompat.explain.text import LogText

_BEFORE = 400
_AFTER = 1500
_MOST_TRIES = 200
_LARGE = 1 << 18


class Found(msgspec.Struct, frozen=True):
    """A message in a text: where it stands, and its values by name."""

    message: Message
    start: int
    end: int
    values: Mapping[str, str]

    @property
    def family(self) -> str:
        return self.message.family


def search(text: LogText) -> tuple[Found, ...]:
    """All messages, first one first; of two in one place the longer, then the more exact one."""
    flat = text.flat
    words = set(flat.split()) if len(flat) > _LARGE else None
    found = [
        each
        for message in catalogue().messages
        if _may_hold(flat, words, message.template.anchor)
        for each in _all(text, message)
    ]
    found.sort(key=lambda each: (each.start, -each.end, -each.message.template.fixed))
    return tuple(_apart(found))


def _may_hold(flat: str, words: set[str] | None, anchor: str) -> bool:
    """Whole words are looked up at once; of a large text that spares nearly all searches."""
    if words is not None and not words.issuperset(anchor.split()[1:-1]):
        return False
    return anchor in flat


def _all(text: LogText, message: Message) -> Iterator[Found]:
    flat, template = text.flat, message.template
    anchor, pattern = template.anchor, template.pattern
    place, last = flat.find(anchor), 0
    for _ in range(_MOST_TRIES):
        if place < 0:
            return
        begin = max(last, place - _BEFORE)
        end = place + len(anchor)
        most = text.end_of_line(end) if template.takes_rest else end + _AFTER
        match = pattern.search(flat, begin, min(most, end + _AFTER))
        if match:
            last = match.end()
            yield Found(message, match.start(), last, match.groupdict(""))
        place = flat.find(anchor, max(last, place + 1))


def _apart(found: list[Found]) -> Iterator[Found]:
    end = 0
    for each in found:
        if each.start >= end:
            end = each.end
            yield each
