"""Snapshots of real guests in real images. Needs qemu-img, qemu-io and registered builds."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from qcompat.builds.build import Build
from qcompat.errors import EnvironmentError_, FileFormatError, UsageError
from qcompat.stream.container import qemu_img, unwrapped, unwrapped_file
from tests.stream.container.conftest import need

from . import images

KINDS = {
    "v3": (),
    "v2": ("-o", "compat=0.10"),
    "small clusters": ("-o", "cluster_size=512"),
    "large clusters": ("-o", "cluster_size=2M"),
    "extended": ("-o", "extended_l2=on,cluster_size=128k"),
    "lazy": ("-o", "lazy_refcounts=on,refcount_bits=64"),
}


@pytest.fixture(scope="module", autouse=True)
def _tools() -> None:
    need("qemu-img", "qemu-io")


@pytest.fixture(scope="module")
def image(newest: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Snapshots `one` and, of more memory and disk written, `1`; and `disk` without a guest."""
    path = images.create(tmp_path_factory.mktemp("image") / "x.qcow2")
    images.fill(path, "1M 2M", "9700k 300k")
    images.take(newest, path, "savevm one", f'qemu-io virtio0 "{images.FILL} 0 3M"', "savevm 1")
    images.run("qemu-img", "snapshot", "-c", "disk", str(path))
    return path


def stream_of(path: Path, snapshot: str | None = None) -> bytes:
    before = hashlib.sha256(path.read_bytes()).digest()
    with unwrapped(path, snapshot=snapshot) as (wrapping, file):
        assert (wrapping.kind, wrapping.compression, wrapping.domain_xml) == ("qcow2", "", "")
        assert not list(Path(tempfile.gettempdir()).iterdir())
        assert (file.seekable(), file.tell()) == (True, 0)
        stream = file.read()
    assert hashlib.sha256(path.read_bytes()).digest() == before
    assert wrapping.details[0][1].split(", ")[1] == f"{len(stream)} bytes"
    return stream


def test_state_is_what_qemu_reads(image: Path) -> None:
    for name, number in (("one", "1"), ("1", "2")):
        stream = stream_of(image, name)
        assert stream[:4] == b"QEVM"
        assert stream == images.state(image, number, len(stream))


@pytest.mark.lab
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("version", ["5.2.0", "10.0.13"])
def test_images_of_every_kind(
    version: str, kind: str, builds: Mapping[str, Build], tmp_path: Path
) -> None:
    if version not in builds:
        pytest.skip(f"the build debian-{version} is not registered")
    if version == "5.2.0" and kind == "extended":
        kind = "v3"
    path = images.create(tmp_path / "x.qcow2", *KINDS[kind], size="1G")
    images.fill(path, "1M 2M", "1000M 24M")
    lines = ("savevm one", f'qemu-io virtio0 "{images.FILL} 0 3M"', "savevm two", "delvm one")
    images.take(builds[version], path, *lines)
    stream = stream_of(path)
    assert stream == images.state(path, "two", len(stream))


def test_disk_that_grew_after_the_snapshot(image: Path, newest: Build, tmp_path: Path) -> None:
    path = tmp_path / "x.qcow2"
    path.write_bytes(image.read_bytes())
    images.run("qemu-img", "resize", "-q", str(path), "3G")
    images.take(newest, path, "savevm grown")
    images.run("qemu-img", "resize", "-q", str(path), "9G")
    assert stream_of(path, "one") == stream_of(image, "one")
    grown = stream_of(path, "grown")
    assert grown == images.state(path, "grown", len(grown))


@pytest.mark.parametrize("backing", ["nbd://192.0.2.1:1/x", "/nowhere/at/all"])
def test_backing_file_is_not_opened(backing: str, image: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.qcow2"
    path.write_bytes(image.read_bytes())
    images.run("qemu-img", "rebase", "-u", "-b", backing, "-F", "raw", str(path))
    assert stream_of(path, "one") == stream_of(image, "one")


def test_image_over_a_backing_file(newest: Build, tmp_path: Path) -> None:
    base = images.create(tmp_path / "base.qcow2", size="2G")
    images.fill(base, "512M 32M", "1G 32M")  # lies where the state of the other is
    path = images.create(tmp_path / "x.qcow2", "-b", str(base), "-F", "qcow2", size="100M")
    images.take(newest, path, "savevm one")
    stream = stream_of(path)
    base.unlink()
    assert stream == stream_of(path)


def test_open_file_and_odd_name(image: Path, tmp_path: Path) -> None:
    path = Path(os.fsdecode(bytes(tmp_path) + b"/\xff,file=json:{}"))
    path.write_bytes(image.read_bytes())
    path.chmod(0o400)
    with path.open("rb") as given:
        path.unlink()
        with unwrapped_file(given, snapshot="one") as (_, file):
            assert file.read() == stream_of(image, "one")
        assert not given.closed


@pytest.mark.parametrize(
    ("snapshot", "words"),
    [(None, "several snapshots"), ("two", "no snapshot two"), ("disk", "no state of a guest")],
)
def test_snapshots_are_listed_if_none_is_meant(
    snapshot: str | None, words: str, image: Path
) -> None:
    with pytest.raises(UsageError, match=words) as caught, unwrapped(image, snapshot=snapshot):
        pass
    assert caught.value.hint == "choose one of: one (number 1), 1 (number 2)"


def test_pipe_is_refused() -> None:
    with pytest.raises(UsageError, match="is a pipe"), unwrapped_file(io.BytesIO(b"QFI\xfb" * 50)):
        pass


@pytest.mark.parametrize(
    ("offset", "value", "words"),
    [
        (32, struct.pack(">I", 2), "is an encrypted image"),
        (72, struct.pack(">Q", 4), "keeps its data in another file"),
    ],
)
def test_images_that_need_more_than_the_file_are_refused(
    offset: int, value: bytes, words: str, image: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=words), unwrapped(changed(image, tmp_path, offset, value)):
        pass


@pytest.mark.parametrize(
    ("offset", "value", "words"),
    [
        (4, struct.pack(">I", 99), "Unsupported qcow2 version 99"),
        (20, struct.pack(">I", 63), "Unsupported cluster size"),
        (60, struct.pack(">I", 0xFFFFFFFF), "Snapshot table too large"),
        (72, struct.pack(">Q", 2), "Image is corrupt; cannot be opened read/write"),
        (24, struct.pack(">Q", 1 << 62), "Image is too big"),
    ],
)
def test_damaged_image_is_told_in_qemus_words(
    offset: int, value: bytes, words: str, image: Path, tmp_path: Path
) -> None:
    path = changed(image, tmp_path, offset, value)
    with pytest.raises(FileFormatError, match=words), unwrapped(path, snapshot="one"):
        pass


def changed(image: Path, directory: Path, offset: int, value: bytes) -> Path:
    data = bytearray(image.read_bytes())
    data[offset : offset + len(value)] = value
    path = directory / "changed.qcow2"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(("length", "words"), [(20, "within the header"), (1 << 20, "ends before")])
def test_image_cut_short_is_told(length: int, words: str, image: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.qcow2"
    path.write_bytes(image.read_bytes()[:length])
    with pytest.raises(FileFormatError, match=words), unwrapped(path, snapshot="one"):
        pass


def test_state_larger_than_the_image_is_refused(image: Path, tmp_path: Path) -> None:
    data = image.read_bytes()
    size = len(stream_of(image, "one"))
    # in the snapshot table, and in what is left of older ones, the size of eight bytes counts
    path = tmp_path / "changed.qcow2"
    path.write_bytes(data.replace(struct.pack(">Q", size), struct.pack(">Q", 1 << 60)))
    with pytest.raises(FileFormatError, match="would have"), unwrapped(path, snapshot="one"):
        pass


def test_image_in_use_is_refused(image: Path) -> None:
    words = ("qemu-io", "-f", "qcow2", str(image))
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as user:
        assert user.stdin and user.stdout and user.stdout.read(8) == b"qemu-io>"
        with pytest.raises(UsageError, match="lock") as caught, unwrapped(image, snapshot="one"):
            pass
        user.stdin.close()
    assert "end the guest" in caught.value.hint


def test_slow_tool_is_ended(image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qemu_img.Overlaid.ask, "__kwdefaults__", {"descriptor": None, "seconds": 0})
    with pytest.raises(EnvironmentError_, match="did not end within"), unwrapped(image):
        pass
