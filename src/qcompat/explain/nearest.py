"""What a text that nobody knows resembles: the messages that share most words with its lines."""

from __future__ import annotations

import re

from qcompat.explain.catalogue import catalogue
from qcompat.explain.explanation import Near
from qcompat.explain.text import LogText

_WORD = re.compile(r"[A-Za-z][A-Za-z_-]{2,40}")
_TELLING = re.compile(
    r"error|fail|unable|cannot|can't|could not|invalid|unsupported|refus|mismatch|unknown|denied"
    r"|timed? ?out|abort|not (?:supported|found|match)|migrat",
    re.IGNORECASE,
)
_MOST_LINES = 40
_MOST = 3
_LEAST_SHARE = 0.5
_LONGEST = 2000


def nearest(log: LogText) -> tuple[Near, ...]:
    """The messages that resemble the text's telling lines most, best first; often none."""
    best: dict[str, tuple[float, Near]] = {}
    known = [(each, _words(each.template.text)) for each in catalogue().messages]
    for number, line in _lines(log):
        words = _words(line)
        for message, own in known:
            share = len(own & words) / max(len(own), 3)
            if share >= _LEAST_SHARE and share > best.get(message.family, (0.0,))[0]:
                title = catalogue().families[message.family].title
                near = Near(number, line[:400], message.family, title, message.template.text)
                best[message.family] = (share, near)
    ranked = sorted(best.values(), key=lambda each: (-each[0], each[1].family))
    return tuple(near for _, near in ranked[:_MOST])


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def _lines(log: LogText) -> list[tuple[int, str]]:
    """The last lines that sound as if something went wrong; of a short text all of them."""
    numbered = [(number, line[:_LONGEST].strip()) for number, line in enumerate(log.lines, 1)]
    telling = [each for each in numbered if _TELLING.search(each[1])]
    return (telling or [each for each in numbered if each[1]])[-_MOST_LINES:]
