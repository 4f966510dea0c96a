"""Comments that say a change of compatibility is meant: `compat: intended` and the reason.

/* compat: intended: the board has no versions */
DEFINE_PROP_UINT32("clock", S, clock, 1000000),
"""

from __future__ import annotations

import re

_INTENDED = re.compile(r"compat:[ \t]*intended\b[ \t:,;.\-]*", re.IGNORECASE)


def read_intended(text: str) -> dict[int, str]:
    """The reasons, by the line on which the comment ends."""
    found = {}
    for match in _INTENDED.finditer(text):
        end = text.find("*/", match.end())
        newline = text.find("\n", match.end())
        is_line = "//" in text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        stop = newline if is_line or end < 0 else end
        stop = len(text) if stop < 0 else stop
        reason = re.sub(r"\s*\n\s*\*?\s*", " ", text[match.end() : stop]).strip(" .*/\t")
        found[text.count("\n", 0, stop) + 1] = reason or "no reason given"
    return found
