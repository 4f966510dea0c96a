"""Writes rpms, images and wheels by hand: what is in them may be worse than any tool would do."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import struct
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import zstandard

Members = Mapping[str, bytes | str]
"""Bytes are a file's content, a text a link's target; a name that ends in / is a directory."""


def write_tar(members: Members, *, extra: Sequence[tarfile.TarInfo] = ()) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for entry in extra:
            tar.addfile(entry)
        for name, content in members.items():
            entry = tarfile.TarInfo(name.rstrip("/"))
            entry.mode = 0o755
            if isinstance(content, str):
                entry.type, entry.linkname = tarfile.SYMTYPE, content
            elif name.endswith("/"):
                entry.type = tarfile.DIRTYPE
            else:
                entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content if isinstance(content, bytes) else b""))
    return data.getvalue()


def write_cpio(members: Members, *, mode: int = 0o100755, links: int = 1) -> bytes:
    found = b""
    for name, content in (*members.items(), ("TRAILER!!!", b"")):
        kind = 0o120777 if isinstance(content, str) else 0o40755 if name.endswith("/") else mode
        data = content.encode() if isinstance(content, str) else content
        path = name.rstrip("/").encode() + b"\0"
        fields = [1, kind, 0, 0, links, 0, len(data), 0, 1, 0, 0, len(path), 0]
        head = b"070701" + b"".join(b"%08x" % field for field in fields) + path
        found += head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4)
    return found


def write_rpm(
    path: Path,
    payload: bytes,
    *,
    name: str = "qemu",
    requires: Sequence[str] = (),
    provides: Sequence[str] = (),
    digest: str = "",
) -> Path:
    packed = zstandard.compress(payload)
    texts = {
        1000: [name],
        1001: ["9.1.0"],
        1002: ["1.el9"],
        1022: ["x86_64"],
        1047: provides,
        1049: requires,
        1124: ["cpio"],
        5092: [digest or hashlib.sha256(packed).hexdigest()],
    }
    header = _rpm_header(texts)
    signatures = _rpm_header({273: [hashlib.sha256(header).hexdigest()]})
    signatures += b"\0" * (-len(signatures) % 8)
    path.write_bytes(b"\xed\xab\xee\xdb".ljust(96, b"\0") + signatures + header + packed)
    return path


def _rpm_header(texts: Mapping[int, Sequence[str]]) -> bytes:
    index, data = b"", b""
    for tag, values in texts.items():
        if values:
            index += struct.pack(">IIII", tag, 8, len(data), len(values))
            data += b"".join(value.encode() + b"\0" for value in values)
    return struct.pack(">IIII", 0x8EADE801, 0, len(index) // 16, len(data)) + index + data


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def oci_files(layers: Sequence[bytes], *, arch: str = "amd64") -> dict[str, bytes]:
    """The files of an OCI image layout, its layers compressed in turn by gzip and zstd."""
    packed = [(gzip.compress if at % 2 else zstandard.compress)(e) for at, e in enumerate(layers)]
    config = {
        "architecture": arch,
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": [digest_of(each) for each in layers]},
    }
    blobs = [*packed, configuration := json.dumps(config).encode()]
    manifest = {
        "schemaVersion": 2,
        "config": {"digest": digest_of(configuration), "size": len(configuration)},
        "layers": [{"digest": digest_of(each), "size": len(each)} for each in packed],
    }
    blobs.append(described := json.dumps(manifest).encode())
    platform = {"architecture": arch, "os": "linux"}
    chosen = {"digest": digest_of(described), "size": len(described), "platform": platform}
    index = {"schemaVersion": 2, "manifests": [chosen]}
    files = {f"blobs/sha256/{digest_of(each)[7:]}": each for each in blobs}
    return {"oci-layout": b"{}", "index.json": json.dumps(index).encode(), **files}


def docker_files(layers: Sequence[bytes], *, images: int = 1) -> dict[str, bytes]:
    """The files of a docker archive."""
    config = {"os": "linux", "rootfs": {"diff_ids": [digest_of(each) for each in layers]}}
    named = {f"{at}/layer.tar": each for at, each in enumerate(layers)}
    manifest = [{"Config": "config.json", "RepoTags": ["a:b"], "Layers": list(named)}] * images
    described = {"config.json": json.dumps(config).encode()}
    return {**named, **described, "manifest.json": json.dumps(manifest).encode()}


def write_image(path: Path, files: Members) -> Path:
    path.write_bytes(write_tar(files))
    return path


def write_wheel(path: Path, members: Members) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (0o120777 if isinstance(content, str) else 0o100644) << 16
            archive.writestr(entry, content)
    return path
