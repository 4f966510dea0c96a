"""A report of the agent: what `agent/collect.sh` gathered in the guest, as a value."""

from __future__ import annotations

import io
import tarfile
import zlib
from collections.abc import Mapping

import msgspec

from qcompat.errors import FileFormatError


class Report(msgspec.Struct, frozen=True):
    """The files that the agent gathered, by their path, such as `pci/0000:00:02.0`."""

    files: Mapping[str, bytes]

    def text(self, path: str) -> str:
        """A file's text without its last newline; empty where there is none."""
        return self.files.get(path, b"").decode(errors="replace").strip()

    def below(self, directory: str) -> dict[str, bytes]:
        """The files of one directory, by name, in order."""
        prefix = f"{directory}/"
        return {
            path.removeprefix(prefix): data
            for path, data in sorted(self.files.items())
            if path.startswith(prefix)
        }


def read_report(data: bytes) -> Report:
    """Errors: FileFormatError when it is no archive of the kind that the agent writes."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
            return Report({_path(member): _data(archive, member) for member in archive})
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise FileFormatError(f"the guest's report cannot be read: {error}") from error


def _path(member: tarfile.TarInfo) -> str:
    return member.name.removeprefix("./")


def _data(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    opened = archive.extractfile(member) if member.isfile() else None
    return opened.read() if opened else b""
