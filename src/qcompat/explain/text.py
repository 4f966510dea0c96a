r"""A log as it comes, made into one text in which messages can be looked for.

Managers wrap what QEMU prints: journald in lines of its own, containers and KubeVirt in JSON, mail
in quotes and broken lines, terminals in colours, translations in other quotation marks. All of it
is undone here. What is left is one text, in which every run of blanks and line breaks is one space,
every quotation mark is `'`, and each place knows its line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

import msgspec

from qcompat.errors import UNDECODABLE

MOST_BYTES = 16 << 20
MOST_LINES = 200_000
"""What is read of a log: its end, which says what happened last."""
_COLOURS = re.compile(r"(?:\x1b|\\x1b|\\u001b|\\033|#033)\[[0-9;?]{0,20}[A-Za-z]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u2028-\u202e\ufeff]")
_ENTITIES = {"&quot;": "'", "&apos;": "'", "&#39;": "'", "&#x27;": "'", "&#34;": "'"} | {
    "&lt;": "<",
    "&gt;": ">",
    "&nbsp;": " ",
    "&#10;": " ",
    "&amp;": "&",
}
_CITED = re.compile(r"^(?:[ \t]?[>|]){1,9}[ \t]?", re.MULTILINE)
_ESCAPED = re.compile(r"\\+(?:u00([0-9a-fA-F]{2})|(.))")
_QUOTES = str.maketrans(dict.fromkeys('"`´‘’‚‛“”„‟«»‹›「」『』′″＂＇', "'"))
_MESSAGE_KEYS = ("MESSAGE", "message", "msg", "log", "error", "err", "reason")


class LogText(msgspec.Struct, frozen=True):
    """`flat` is the whole text in one line; `lines` are what was given, `starts` where each begins.

    A line of `lines` may hold several messages (JSON), and a message may run over several.
    """

    flat: str
    lines: tuple[str, ...]
    starts: tuple[int, ...]

    def line_at(self, place: int) -> int:
        """The number, from 1, of the line that this place of `flat` comes from."""
        return max(bisect_right(self.starts, place), 1)

    def end_of_line(self, place: int) -> int:
        """Where in `flat` the line of this place ends."""
        after = bisect_right(self.starts, place)
        return self.starts[after] - 1 if after < len(self.starts) else len(self.flat)


def decoded(data: bytes) -> str:
    """The characters of a log, whatever its encoding."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    return data.decode("utf-8", errors="replace")


def log_text(text: str, *, unwrapped: bool = False) -> LogText:
    """The text in one line. With `unwrapped`, lines that were cut at a fixed width are joined."""
    lines = text.splitlines()
    plain = _CITED.sub("", _COLOURS.sub("", text)).splitlines()
    cleaned = _unwrapped(plain) if unwrapped else plain
    flat = [" ".join(_plain(line).split()) for line in cleaned]
    starts = accumulate((len(line) + 1 for line in flat[:-1]), initial=0)
    return LogText(" ".join(flat), tuple(lines), tuple(starts) if flat else (0,))


def _plain(line: str) -> str:
    if "{" in line and (said := _said(line)):
        line = said
    if "&" in line:
        for entity, character in _ENTITIES.items():
            line = line.replace(entity, character)
    if "\\" in line:
        line = _COLOURS.sub("", _ESCAPED.sub(_unescaped, line))
    if not line.isprintable():
        line = _CONTROLS.sub(" ", _COLOURS.sub("", line))
    return line.translate(_QUOTES)


def _unescaped(found: re.Match[str]) -> str:
    code, character = found.groups()
    if code:
        return chr(int(code, 16))
    return " " if character in "nrt" else character if character in "'\"/`" else found.group()


def _said(line: str) -> str:
    """What a line of JSON says, its message first; empty for any other line."""
    start = line.find("{")
    try:
        record = msgspec.json.decode(line[start:])
    except UNDECODABLE:
        return ""
    if not isinstance(record, dict):
        return ""
    first = [record[key] for key in _MESSAGE_KEYS if key in record]
    others = [value for key, value in record.items() if key not in _MESSAGE_KEYS]
    return " ".join(text for value in (*first, *others) for text in _strings(value))


def _strings(value: object, depth: int = 0) -> Iterator[str]:
    """The strings in a JSON value; journald writes bytes that do not print as numbers."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        if value and all(isinstance(each, int) and 0 <= each < 256 for each in value):
            yield bytes(value).decode("utf-8", errors="replace")
        elif depth < 8:
            yield from (text for each in value for text in _strings(each, depth + 1))
    elif isinstance(value, dict) and depth < 8:
        yield from (text for each in value.values() for text in _strings(each, depth + 1))


def _unwrapped(lines: list[str]) -> list[str]:
    """Lines as long as the longest were cut there, in the middle of a word as often as not.

    The number of lines stays: what was cut stands whole where it begins, and nothing after it.
    """
    width = max(map(len, lines), default=0)
    joined: list[str] = []
    begins = -1
    for number, line in enumerate(lines):
        if begins >= 0:
            joined[begins] += line
            joined.append("")
        else:
            begins = number
            joined.append(line)
        if len(line) < width:
            begins = -1
    return joined
