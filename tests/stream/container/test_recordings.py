"""Recorded save images of libvirt and qcow2 images, those that there are among the recordings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import zstandard

from qcompat.stream.container import unwrapped
from tests.stream.container.conftest import need

from . import images

DATA = Path(__file__).parents[2] / "data" / "streams"


def unpacked(recording: Path, directory: Path) -> Path:
    path = directory / recording.stem
    with recording.open("rb") as packed, path.open("wb") as file:
        zstandard.ZstdDecompressor().copy_stream(packed, file)
    return path


@pytest.mark.parametrize("recording", sorted(DATA.glob("libvirt-*.save.zst")), ids=lambda p: p.stem)
def test_save_image_holds_xml_and_stream(recording: Path, tmp_path: Path) -> None:
    with unwrapped(unpacked(recording, tmp_path)) as (wrapping, file):
        assert wrapping.kind == "libvirt"
        assert "<domain" in wrapping.domain_xml
        assert file.read(4) == b"QEVM"
        assert file.read()


@pytest.mark.parametrize("recording", sorted(DATA.glob("*.qcow2.zst")), ids=lambda p: p.stem)
def test_each_snapshot_holds_a_stream(recording: Path, tmp_path: Path) -> None:
    need("qemu-img")
    path = unpacked(recording, tmp_path)
    info = json.loads(images.run("qemu-img", "info", "--output=json", str(path)))
    sizes = {each["name"]: each["vm-state-size"] for each in info["snapshots"]}
    for name, size in sizes.items():
        if size:
            with unwrapped(path, snapshot=name) as (_, file):
                stream = file.read()
            assert (stream[:4], len(stream)) == (b"QEVM", size)
    assert any(sizes.values())
