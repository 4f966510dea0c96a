"""The guest of a save image of libvirt, whose header holds its XML; the stream behind it stays."""

from __future__ import annotations

from pathlib import Path

from qcompat.local.foreign_file import open_foreign
from qcompat.stream.container.libvirt import unwrap
from qcompat.stream.container.pushback import PushbackFile
from qcompat.stream.container.wrapping import LONGEST, kind_of


def saved_domain(path: Path) -> bytes | None:
    """The domain XML of a save image; None for any other file.

    Errors: FileFormatError for a save image that is damaged, or not finished.
    """
    if not path.is_file():
        return None
    with open_foreign(path) as file:
        wrapped = PushbackFile(file, str(path))
        magic = wrapped.take(LONGEST)
        return unwrap(wrapped, magic).domain_xml.encode() if kind_of(magic) == "libvirt" else None
