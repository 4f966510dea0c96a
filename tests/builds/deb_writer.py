"""Writes Debian packages by hand: what is in them may be worse than any tool would put there."""

from __future__ import annotations

import io
import lzma
import tarfile
from collections.abc import Mapping
from pathlib import Path


def write_deb(
    path: Path, members: Mapping[str, bytes | str], *, mode: int = 0o644, control: str = ""
) -> Path:
    """A package with these members: bytes are a file's content, a text is a link's target."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.mode = mode
            if isinstance(content, str):
                entry.type, entry.linkname = tarfile.SYMTYPE, content
                tar.addfile(entry)
            else:
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
    described = io.BytesIO()
    with tarfile.open(fileobj=described, mode="w") as tar:
        entry = tarfile.TarInfo("./control")
        entry.size = len(control)
        tar.addfile(entry, io.BytesIO(control.encode()))
    parts = {
        "debian-binary": b"2.0\n",
        "control.tar.xz": lzma.compress(described.getvalue()),
        "data.tar.xz": lzma.compress(data.getvalue()),
    }
    path.write_bytes(b"!<arch>\n" + b"".join(_member(*part) for part in parts.items()))
    return path


def _member(name: str, content: bytes) -> bytes:
    header = f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n"
    return header.encode() + content + b"\n" * (len(content) % 2)
