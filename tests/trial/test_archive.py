"""Archives of trials: nothing is lost, equal ones are equal files, and no file does any harm."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import msgspec
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qcompat.builds.build import Build
from qcompat.errors import FileFormatError, UnknownBuildError
from qcompat.guest.guest import Guest
from qcompat.portrait.file import read_portrait
from qcompat.portrait.portrait import Portrait
from qcompat.qemu.outcome import Outcome
from qcompat.trial import archive
from qcompat.trial.archive_reader import read_archive
from qcompat.trial.repeat import TrialRun
from qcompat.trial.replay import stops_of
from qcompat.trial.stop import Stop
from qcompat.trial.trial import Hop, Trial

DATA = Path(__file__).parents[1] / "data" / "portraits"
NAMES = [f"debian-{version}-pc-q35-10.0-virtio-blk-pci.qcp" for version in ("10.0.13", "11.1.3")]


@cache
def both() -> tuple[Portrait, Portrait]:
    source, target = (read_portrait(DATA / name) for name in NAMES)
    return source, target


@cache
def real() -> bytes:
    return archive.pack_run(run(both()), stops(both()), both(), accel="kvm")[1]


@pytest.fixture
def portraits() -> tuple[Portrait, Portrait]:
    return both()


def stops(portraits: tuple[Portrait, Portrait]) -> tuple[Stop, ...]:
    return tuple(Stop(Build(p.build, p.identity, "native", "/x"), p.guest) for p in portraits)


def run(portraits: tuple[Portrait, Portrait], stream: bytes = b"a stream") -> TrialRun:
    names = tuple(p.build for p in portraits)
    hop = Hop(
        names[0],
        names[1],
        outcome=Outcome("refused", "VQ 0"),
        predicted="ok",
        total=12.5,
        source_log="from",
        target_log="to",
    )
    trial = Trial(portraits[0].guest, "canary", "precopy", names, (hop,), {"refused": 3})
    return TrialRun(trial, (io.BytesIO(stream),))


@pytest.fixture
def kept() -> bytes:
    return real()


def written(path: Path, content: bytes) -> Path:
    archive.write(path, content)
    return path


def members(content: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(unpacked(content))) as tar:
        return {m.name: file.read() for m in tar if (file := tar.extractfile(m))}


def unpacked(content: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompress(content, max_output_size=1 << 26)


def repacked(parts: Mapping[str, bytes], change: Callable[[tarfile.TarInfo], None]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for name, content in parts.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            change(info)
            tar.addfile(info, io.BytesIO(content))
    return zstandard.ZstdCompressor().compress(raw.getvalue())


def test_everything_of_a_trial_is_in_its_archive(
    kept: bytes, portraits: tuple[Portrait, Portrait], tmp_path: Path
) -> None:
    found = read_archive(written(tmp_path / "x", kept))
    assert found.portraits == {1: portraits[0], 2: portraits[1]}
    assert found.streams == {1: b"a stream"}
    (hop,) = found.manifest.hops
    assert (hop.outcome.message, hop.predicted, hop.contradicts) == ("VQ 0", "ok", True)
    assert found.manifest.contradicts
    assert found.manifest.outcomes == {"refused": 3}
    assert found.manifest.stops[1].identity == portraits[1].identity
    assert members(kept)["hop-1-target.log"] == b"to"


def test_equal_trials_give_equal_files_and_names_without_times_or_owners(
    kept: bytes, portraits: tuple[Portrait, Portrait]
) -> None:
    again = archive.pack_run(run(portraits), stops(portraits), portraits, accel="kvm")
    assert again[1] == kept
    other = archive.pack_run(
        run(portraits, b"other memory"), stops(portraits), portraits, accel="kvm"
    )
    assert other[0] == again[0]
    with tarfile.open(fileobj=io.BytesIO(unpacked(kept))) as tar:
        assert {(m.mtime, m.uid, m.gid, m.uname) for m in tar} == {(0, 0, 0, "")}
    assert b"12.5" not in members(kept)["trial.json"]


def test_a_stream_beyond_the_bound_is_left_out_and_named(
    portraits: tuple[Portrait, Portrait], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 1 << 20)
    large = run(portraits, bytes(2 << 20))
    _, content = archive.pack_run(large, stops(portraits), portraits, accel="kvm")
    found = read_archive(written(tmp_path / "x", content))
    assert found.manifest.left_out == ("stream-1.mig",)
    assert found.streams == {}


@pytest.mark.parametrize(
    "name", ["../outside", "/etc/passwd", "portrait-1.qcp/../../x", "stream-1.mig.exe", "x"]
)
def test_a_foreign_name_is_refused(kept: bytes, name: str, tmp_path: Path) -> None:
    content = repacked({**members(kept), name: b"x"}, lambda _: None)
    with pytest.raises(FileFormatError, match="which no archive of a trial has"):
        read_archive(written(tmp_path / "x", content))
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["x"]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE])
def test_a_link_or_device_is_refused(kind: bytes, tmp_path: Path) -> None:
    def linked(info: tarfile.TarInfo) -> None:
        info.type, info.linkname, info.size = kind, "/etc/passwd", 0

    with pytest.raises(FileFormatError):
        read_archive(written(tmp_path / "x", repacked({"trial.json": b""}, linked)))


def test_a_bomb_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    bomb = zstandard.ZstdCompressor().compress(bytes(archive.MOST_BYTES + (2 << 20)))
    assert len(bomb) < 1 << 20
    with pytest.raises(FileFormatError, match="holds more than"):
        read_archive(written(tmp_path / "x", bomb))


@pytest.mark.parametrize("content", [b"", b"not an archive", b"QCPORT\r\n", bytes(4096)])
def test_what_is_no_archive_is_said_to_be_none(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(FileFormatError) as refused:
        read_archive(written(tmp_path / "x", content))
    assert str(tmp_path / "x") in refused.value.message


def test_a_newer_format_is_named(kept: bytes, tmp_path: Path) -> None:
    parts = members(kept)
    parts["trial.json"] = json.dumps({"format": 3}).encode()
    with pytest.raises(FileFormatError, match="format 3, this qcompat reads formats up to 2"):
        read_archive(written(tmp_path / "x", repacked(parts, lambda _: None)))


def test_an_archive_whose_findings_name_devices_in_words_is_read(
    kept: bytes, tmp_path: Path
) -> None:
    parts = members(kept)
    told = json.loads(parts["trial.json"])
    finding: dict[str, object] = {
        "rule": "r",
        "promise": "loads",
        "certainty": "certain",
        "device": "disk at 02.0",
    }
    old = {**finding, "summary": "why", "evidence": [], "remedy": None, "undecided": False}
    told["hops"][-1]["finding"] = old
    parts["trial.json"] = json.dumps({**told, "format": 1}).encode()
    read = read_archive(written(tmp_path / "x", repacked(parts, lambda _: None)))
    assert read.manifest.hops[-1].outcome.kind == told["hops"][-1]["outcome"]["kind"]


@pytest.mark.parametrize("hops", [None, 7, [None], [[]]])
def test_an_old_archive_of_an_odd_shape_is_refused(
    kept: bytes, hops: object, tmp_path: Path
) -> None:
    parts = members(kept)
    told = json.loads(parts["trial.json"])
    parts["trial.json"] = json.dumps({**told, "format": 1, "hops": hops}).encode()
    with pytest.raises(FileFormatError, match="does not describe a trial"):
        read_archive(written(tmp_path / "x", repacked(parts, lambda _: None)))


def test_a_missing_or_strange_file_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(FileFormatError, match=str(path)):
            read_archive(path)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(at=st.integers(0, 10**9), by=st.integers(1, 255), cut=st.booleans())
def test_a_damaged_archive_is_read_or_refused_and_nothing_else(
    tmp_path: Path, at: int, by: int, cut: bool
) -> None:
    raw = bytearray(unpacked(real()))
    at %= min(len(raw), 8192)
    if cut:
        del raw[at:]
    else:
        raw[at] ^= by
    path = written(tmp_path / "x", zstandard.ZstdCompressor().compress(bytes(raw)))
    try:
        read_archive(path)
    except FileFormatError as error:
        assert error.message


def test_a_replay_finds_its_builds_by_what_they_are(
    kept: bytes, portraits: tuple[Portrait, Portrait], tmp_path: Path
) -> None:
    path = written(tmp_path / "x", kept)
    builds = [Build(f"mine-{at}", p.identity, "native", "/x") for at, p in enumerate(portraits)]
    found = stops_of(read_archive(path), builds, path)
    assert [stop.build.name for stop in found] == ["mine-0", "mine-1"]
    assert found[0].guest.arguments == portraits[0].guest.arguments


def test_a_replay_names_the_builds_that_are_missing(
    kept: bytes, portraits: tuple[Portrait, Portrait], tmp_path: Path
) -> None:
    path = written(tmp_path / "x", kept)
    with pytest.raises(UnknownBuildError) as missing:
        stops_of(read_archive(path), (), path)
    for portrait in portraits:
        assert portrait.identity.package in missing.value.message


@pytest.mark.parametrize(
    "arguments",
    [
        ("-machine", "pc", "-drive", "file=/etc/passwd,if=none,id=d"),
        ("-machine", "pc", "-chardev", "file,id=c,path=/tmp/x"),
        ("-machine", "pc", "-incoming", "exec:touch /tmp/x"),
        ("-machine", "pc", "-monitor", "tcp::1234,server"),
        ("-machine", "pc", "-blockdev", "file,node-name=n,filename=/etc/passwd"),
    ],
)
def test_a_replay_starts_no_guest_that_reaches_out(
    arguments: tuple[str, ...], portraits: tuple[Portrait, Portrait], tmp_path: Path
) -> None:
    guest = Guest("pc", arguments)
    evil = tuple(msgspec.structs.replace(stop, guest=guest) for stop in stops(portraits))
    _, content = archive.pack_run(run(portraits), evil, portraits, accel="kvm")
    path = written(tmp_path / "x", content)
    with pytest.raises(FileFormatError):
        stops_of(read_archive(path), [stop.build for stop in evil], path)
