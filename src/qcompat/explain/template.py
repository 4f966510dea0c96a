r"""A message as the catalogue writes it down, made into what finds it in a text.

    Features {sent:hex} unsupported. Allowed features: {own:hex}
    {state}: incoming version_id {sent:num} is too new for local version_id {own:num}

A name in braces is a value; `{}` is one that nobody asks for. Values run to the next fixed words of
the message, or to the end of the line, and never further than `_LONGEST`. Every value is matched
once and not tried again with another length (atomic groups), so that the time for any text grows
with its length alone.
"""

from __future__ import annotations

import re
from functools import cached_property

_VALUE = re.compile(r"\{(?P<name>\w*)(?::(?P<kind>\w+))?\}")
_LONGEST = 200
_KINDS = {
    "hex": r"(?:0[xX])?[0-9a-fA-F]{1,40}+",
    "num": r"-?[0-9]{1,20}+",
    "word": r"[^\s:,;'()]{1,100}+",
    "name": r"[\w-]{1,100}+",
    "errno": r"(?:Invalid argument|Operation not permitted|No such file or directory"
    r"|Input/output error|Connection (?:reset by peer|refused|timed out)|[A-Z][a-z]{1,30}+)",
    "id": r"[^\s,;'\"]{1,200}+",
}


class Template:
    """One message; `anchor` is its longest run of fixed words, with quotes all alike (`'`).

    `fixed` is how many characters are. `takes_rest` says that its last value is what is left of
    the line.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._pieces = _VALUE.split(" ".join(text.replace('"', "'").split()))
        self.anchor = max(self._pieces[::3], key=len).strip()
        self.fixed = sum(map(len, self._pieces[::3]))
        self.takes_rest = not self._pieces[-1] and not (self._pieces[-2:-1] or ["x"])[0]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What matches the message in a text whose blanks and quotes are all alike."""
        head, *rest = self._pieces
        parts = [re.escape(head)]
        for name, kind, after in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
            parts.append(_value(name, kind, after, is_first=parts == [""]))
        start = r"\b" if head[:1].isalnum() else ""
        return re.compile(start + "".join(parts))


def _value(name: str, kind: str | None, after: str, *, is_first: bool) -> str:
    """A value and the fixed words behind it, found once."""
    group = f"?P<{name}>" if name else "?:"
    if kind in _KINDS:
        return f"({group}{_KINDS[kind]}){re.escape(after)}"
    if is_first:
        return f"({group}{_KINDS['word']}){re.escape(after)}"
    if not after:
        return rf"({group}.{{1,{_LONGEST}}}+)"
    return rf"(?>({group}.{{0,{_LONGEST}}}?){re.escape(after)})"
