"""Names of a stranger's: what they may be inside a root, and how they are shown."""

from __future__ import annotations

import os

from qcompat.builds.unpack.member import Member
from qcompat.errors import FileFormatError

_LONGEST_NAME, _LONGEST_PATH = 255, 4096


def parts_of(name: str) -> list[str]:
    """The parts of a member's name, which is one inside the root however it begins.

    Errors: FileFormatError for one that would lead out of it, or that no file can have.
    """
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise FileFormatError(f"the name {shown(name)} leads out of the root")
    if len(name) > _LONGEST_PATH or any(_is_too_long(part) for part in parts):
        raise FileFormatError(f"the name {shown(name[:60])}… is too long")
    return parts


def shown(name: str) -> str:
    """A name of a stranger's, on one line."""
    return ascii(name[:200])


def _is_too_long(part: str) -> bool:
    return len(os.fsencode(part)) > _LONGEST_NAME or "\0" in part


def checked_target(member: Member) -> str:
    """What a link leads to, as it says. Errors: FileFormatError for what no link can say."""
    if not 0 < len(member.target) < _LONGEST_PATH or "\0" in member.target:
        raise FileFormatError(f"the link {shown(member.name)} leads nowhere")
    return member.target
