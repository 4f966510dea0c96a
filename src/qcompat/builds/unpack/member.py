"""One thing in an archive: a file, a directory, a link."""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["file", "directory", "link", "hard link", "special"]


class Member(msgspec.Struct, frozen=True):
    """A member as its archive describes it; nothing of it is trusted.

    `target` is what a link leads to (as the link says it), or the member whose file a hard link
    shares. `size` is that of a file's content; `special` are devices, sockets and pipes.
    """

    name: str
    kind: Kind
    size: int = 0
    executable: bool = False
    target: str = ""
