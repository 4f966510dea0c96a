"""Unified diffs and series of them, applied in memory. Pure.

What `diff -u`, git and mail bring: hunks that have moved are found where their lines stand,
renamed, new and deleted files are followed, text around the diffs is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import msgspec

from qcompat.errors import FileFormatError

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_NOTHING = "/dev/null"


class Hunk(msgspec.Struct, frozen=True):
    """Lines that are replaced by others; `start` counts from 1, `line` is in the patch."""

    start: int
    old: tuple[str, ...]
    new: tuple[str, ...]
    line: int


class FilePatch(msgspec.Struct, frozen=True):
    """The change of one file; an end that does not exist is None."""

    before: str | None
    after: str | None
    hunks: tuple[Hunk, ...]


def parse(text: str, name: str) -> tuple[FilePatch, ...]:
    """The changes in their order. Errors: FileFormatError where there are none, or a part only."""
    found = tuple(_files(text.splitlines(), name))
    if not found:
        raise FileFormatError(
            f"{name} holds no unified diff", "make one with: git format-patch, git diff or diff -u"
        )
    return found


def apply(
    patches: tuple[FilePatch, ...], read: Callable[[str], str | None], name: str
) -> dict[str, str | None]:
    """The new text of each file that is touched, None for one that is deleted.

    `read` gives a file of the tree. Errors: FileFormatError with all hunks that do not apply.
    """
    changed: dict[str, str | None] = {}
    problems: list[str] = []
    for each in patches:
        text = ""
        if each.before is not None:
            known = changed[each.before] if each.before in changed else read(each.before)
            if known is None:
                problems.append(f"{each.before} is not in the tree")
                continue
            text = known
        applied = _applied(text.split("\n"), each, problems)
        if each.before is not None and each.before != each.after:
            changed[each.before] = None
        if each.after is not None:
            changed[each.after] = "\n".join(applied)
    if problems:
        raise FileFormatError(
            f"{name} does not apply: " + "; ".join(problems[:5]),
            "name the tree that the patch was made for",
        )
    return changed


def _applied(lines: list[str], patch: FilePatch, problems: list[str]) -> list[str]:
    shift = 0
    for hunk in patch.hunks:
        expected = hunk.start - bool(hunk.old) + shift  # an insertion names the line before it
        at = _find(lines, hunk, expected)
        if at is None:
            problems.append(f"the hunk on line {hunk.line} for {patch.after or patch.before}")
            continue
        lines = [*lines[:at], *hunk.new, *lines[at + len(hunk.old) :]]
        shift += len(hunk.new) - len(hunk.old) + at - expected
    return lines


def _find(lines: list[str], hunk: Hunk, expected: int) -> int | None:
    """Where the old lines stand, the nearest to where they are said to."""
    if not hunk.old:
        return max(0, min(expected, len(lines)))
    places = range(max(0, len(lines) - len(hunk.old)) + 1)
    wanted = list(hunk.old)
    for at in sorted(places, key=lambda each: abs(each - expected)):
        if lines[at] == wanted[0] and lines[at : at + len(wanted)] == wanted:
            return at
    return None


def _files(lines: list[str], name: str) -> Iterator[FilePatch]:
    at, renamed = 0, ("", "")
    while at < len(lines):
        line = lines[at]
        if line.startswith("diff --git"):
            if all(renamed):
                yield FilePatch(renamed[0], renamed[1], ())
            renamed = ("", "")
        elif line.startswith("rename from "):
            renamed = (line[12:].strip(), renamed[1])
        elif line.startswith("rename to "):
            renamed = (renamed[0], line[10:].strip())
        elif line.startswith("--- ") and at + 1 < len(lines) and lines[at + 1].startswith("+++ "):
            before, after = _path(line), _path(lines[at + 1])
            hunks, at = _hunks(lines, at + 2, name)
            if hunks:
                yield FilePatch(before, after, hunks)
                renamed = ("", "")
            continue
        at += 1
    if all(renamed):
        yield FilePatch(renamed[0], renamed[1], ())


def _path(line: str) -> str | None:
    """The file named by a `---` or `+++` line, without its first directory."""
    path = line[4:].split("\t")[0].strip().strip('"')
    return None if path == _NOTHING else path.partition("/")[2] or path


def _hunks(lines: list[str], at: int, name: str) -> tuple[tuple[Hunk, ...], int]:
    found = []
    while at < len(lines) and (match := _HUNK.match(lines[at])):
        start, here = int(match[1]), at
        left, right = (int(one) if one is not None else 1 for one in (match[2], match[4]))
        old: list[str] = []
        new: list[str] = []
        at += 1
        while len(old) < left or len(new) < right:
            if at >= len(lines) or (lines[at] and lines[at][0] not in " +-\\"):
                raise FileFormatError(f"{name} ends in the middle of the hunk on line {here + 1}")
            mark, text = lines[at][:1] or " ", lines[at][1:]
            old += [text] if mark in " -" else []
            new += [text] if mark in " +" else []
            at += 1
        if at < len(lines) and lines[at].startswith("\\"):
            at += 1
        found.append(Hunk(start, tuple(old), tuple(new), here + 1))
    return tuple(found), at
