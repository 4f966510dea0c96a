"""`qcompat stream`, as a user types it, on recorded streams."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import zstandard

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.portrait.portrait import Accel
from qcompat.qemu.launch import launch
from qcompat.qemu.migration import save
from qcompat.stream.reader.whole import read
from tests.stream.defects import broken
from tools.stream_recordings.images import three_pages

DATA = Path(__file__).parents[1] / "data" / "streams"
QCOMPAT = Path(sys.executable).with_name("qcompat")
PAGES = three_pages()
EXPRESS = "debian-10.0.13-pc-q35-10.0-express"
NEXT = "debian-11.1.3-pc-q35-10.0-express"


def recording(name: str) -> bytes:
    raw = (DATA / f"{name}.mig.zst").read_bytes()
    return zstandard.ZstdDecompressor().decompress(raw, max_output_size=1 << 24)


@pytest.fixture
def stream(tmp_path: Path) -> Path:
    return put(tmp_path, EXPRESS)


def put(place: Path, name: str) -> Path:
    path = place / f"{name}.mig"
    path.write_bytes(recording(name))
    return path


def run(*arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    words = [str(QCOMPAT), "stream", *map(str, arguments)]
    done = subprocess.run(words, input=stdin, capture_output=True, check=False)
    assert b"Traceback" not in done.stderr
    return subprocess.CompletedProcess(
        words, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


def document(*arguments: object) -> Any:
    return json.loads(run(*arguments, "--json").stdout)


def test_show_names_every_section_and_register(stream: Path) -> None:
    done = run("show", stream)
    assert done.returncode == 0
    assert "configuration  machine type pc-q35-10.0" in done.stdout
    for part in ("pc.ram", "virtio-blk[0]", "RIP", "queue 0/size", "0x400 (1024)"):
        assert part in done.stdout
    assert "end of the stream" in done.stdout


def test_show_of_one_section_shows_nothing_else(stream: Path) -> None:
    done = run("show", stream, "--section", "*/virtio-blk")
    heads = [line for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert heads == ["0000:00:01.0:00.0/virtio-blk[0]  version 2, 49,424 bytes at 0x173c1"]


def test_a_section_of_several_instances_can_be_named(tmp_path: Path) -> None:
    path = put(tmp_path, "debian-10.0.13-pc-q35-10.0-booted-kvm")
    assert run("show", path, "--section", "cpu[1]").stdout.startswith("cpu[1]  version")


def test_a_section_that_is_not_there_is_an_error_with_a_hint(stream: Path) -> None:
    done = run("show", stream, "--section", "nvme")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no section is called 'nvme'" in done.stderr
    assert "hint:" in done.stderr


def test_json_has_the_bytes_of_every_field_at_its_offset(stream: Path) -> None:
    data = stream.read_bytes()
    found = document("show", stream)
    assert found["schema"] == "qcompat.stream/1"
    assert found["complete"] is True
    assert found["stop"] is None
    fields = [f for section in found["sections"] for f in section["fields"]]
    assert len(fields) > 300
    for field in fields:
        if field["type"] in ("uint8", "uint16", "uint32", "uint64") and field["count"] == 1:
            raw = data[field["offset"] : field["offset"] + field["size"]]
            assert int.from_bytes(raw, "big") == field["value"], field


def test_a_damaged_stream_is_shown_up_to_the_damage(tmp_path: Path) -> None:
    path = tmp_path / "damaged.mig"
    path.write_bytes(broken(read(recording(EXPRESS)), "record_unknown"))
    done = run("show", path)
    assert done.returncode == 2
    assert "virtio-blk[0]" in done.stdout
    assert "unknown record 0x42 (at byte" in done.stderr
    found = document("show", path)
    assert found["stop"]["message"].startswith("unknown record 0x42")
    assert found["complete"] is False


@pytest.mark.parametrize("name", [EXPRESS, "debian-10.0.13-pc-q35-10.0-postcopy"])
def test_standard_input_reads_like_the_file(name: str, tmp_path: Path) -> None:
    path = put(tmp_path, name)
    piped = run("show", "-", stdin=path.read_bytes())
    assert piped.returncode == 0
    assert piped.stdout == run("show", path).stdout


def test_diff_of_a_stream_with_itself_is_empty(stream: Path) -> None:
    done = run("diff", stream, stream)
    assert (done.returncode, done.stdout) == (0, "no difference\n")


def test_diff_tells_queues_fields_and_subsections(stream: Path, tmp_path: Path) -> None:
    done = run("diff", stream, put(tmp_path, NEXT))
    assert done.returncode == 1
    assert "queue 0 size" in done.stdout
    assert "0x400 (1024) → 0x100 (256)" in done.stdout
    assert "subsection pm.<ich9_pm/cpuhp>" in done.stdout
    told = {
        (d["where"], d["what"]): d
        for d in document("diff", stream, tmp_path / f"{NEXT}.mig")["differences"]
    }
    queue = told["0000:00:01.0:00.0/virtio-blk", "queue 0 size"]
    assert (queue["source"], queue["target"]) == (1024, 256)


def test_diff_names_registers(tmp_path: Path) -> None:
    one = put(tmp_path, "debian-7.2.22-pc-q35-7.2-booted")
    other = put(tmp_path, "debian-10.0.13-pc-q35-10.0-booted-kvm")
    said = run("diff", one, other).stdout
    assert "configuration/seg_max" in said
    assert "queue 0/address" in said
    assert "env.eip RIP" in said
    assert "PCI register 0x050" in said


def test_ram_counts_pages_by_form(tmp_path: Path) -> None:
    path = put(tmp_path, "debian-10.0.2-pc-q35-10.0-xbzrle")
    (ram,) = (b for b in document("ram", path)["blocks"] if b["name"] == "pc.ram")
    assert ram["pages"] == 2048
    assert ram["zero"] > 0
    assert ram["raw"] > 0
    assert ram["xbzrle"] > 100
    assert "XBZRLE" in run("ram", path).stdout


@pytest.mark.parametrize(
    ("name", "size", "at"),
    [
        ("debian-10.0.13-pc-q35-10.0-pages", 8 << 20, 4 << 20),
        ("debian-5.2.0-pc-q35-5.2-compress", 8 << 20, 4 << 20),
        ("debian-10.0.13-pc-q35-10.0-mapped-ram", 2 << 20, 1 << 20),
        ("debian-11.1.3-pc-q35-10.0-mapped-ram-multifd", 2 << 20, 1 << 20),
    ],
)
def test_a_block_is_extracted_however_it_was_sent(
    name: str, size: int, at: int, tmp_path: Path
) -> None:
    """The guest's memory holds three random pages (tools/stream_recordings), else zeros."""
    out = tmp_path / "memory"
    done = run("ram", put(tmp_path, name), "--extract", "pc.ram", "-o", out)
    assert done.returncode == 0, done.stderr
    data = out.read_bytes()
    assert len(data) == size
    assert data[at : at + len(PAGES)] == PAGES
    assert not any(data[at + len(PAGES) :])
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


@pytest.mark.parametrize("build", ["5.2.0-pc-q35-5.2", "11.1.3-pc-q35-11.1"])
def test_xbzrle_pages_are_extracted_as_the_guest_left_them(build: str, tmp_path: Path) -> None:
    """The guest counts in one byte of each of 16 pages, one page after the other."""
    out = tmp_path / "memory"
    path = put(tmp_path, f"debian-{build}-xbzrle")
    assert run("ram", path, "--extract", "pc.ram", "-o", out).returncode == 0
    data = out.read_bytes()
    pages = [data[at : at + 4096] for at in range(0x10000, 0x20000, 4096)]
    counts = [page[0x108] for page in pages]
    assert {(counts[0] - count) % 256 for count in counts} <= {0, 1}
    assert all(not any(page[:0x108] + page[0x109:]) for page in pages)


def test_an_unknown_block_is_an_error_that_names_the_others(stream: Path, tmp_path: Path) -> None:
    done = run("ram", stream, "--extract", "nothing", "-o", tmp_path / "out")
    assert done.returncode == 2
    assert "it has: pc.ram, /rom@etc/acpi/tables" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("arguments", [("--extract", "pc.ram"), ("-o", "x")])
def test_extract_and_output_go_together(arguments: tuple[str, str], stream: Path) -> None:
    done = run("ram", stream, *arguments)
    assert done.returncode == 2
    assert "--extract and -o go together" in done.stderr


def test_verify_answers_by_its_exit_code(stream: Path, tmp_path: Path) -> None:
    assert run("verify", stream).returncode == 0
    assert run("verify", stream).stdout.startswith("whole: ")
    damaged = tmp_path / "damaged.mig"
    damaged.write_bytes(stream.read_bytes()[:-1])
    done = run("verify", damaged)
    assert (done.returncode, done.stdout[:8]) == (1, "damaged:")
    unproven = put(tmp_path, "debian-11.1.3-pc-q35-11.1-no-vmdesc")
    assert run("verify", unproven).returncode == 3
    assert document("verify", unproven)["verdict"] == "unknown"


@pytest.mark.parametrize("command", ["show", "ram", "verify"])
def test_what_is_no_stream_is_one_error_with_a_hint(command: str, tmp_path: Path) -> None:
    for content in (b"", b"hello", bytes(100)):
        path = tmp_path / "file"
        path.write_bytes(content)
        done = run(command, path)
        assert done.returncode in (1, 2)
        assert "not a migration stream" in done.stderr + done.stdout
    missing = run(command, tmp_path / "missing")
    assert missing.returncode == 2
    assert missing.stderr.startswith("error: ")
    assert run(command, tmp_path).returncode == 2


def unpacked(name: str, place: Path) -> Path:
    """A recording that is no bare stream, decompressed once."""
    path = place / name
    with (DATA / f"{name}.zst").open("rb") as packed, path.open("wb") as file:
        zstandard.ZstdDecompressor().copy_stream(packed, file)
    return path


@pytest.mark.parametrize(
    "name", sorted(path.stem for path in DATA.glob("libvirt-*.save.zst")), ids=str
)
def test_a_guest_saved_by_libvirt_is_whole_and_shown(name: str, tmp_path: Path) -> None:
    path = unpacked(name, tmp_path)
    done = run("verify", path)
    assert done.returncode == 0, done.stdout + done.stderr
    shown = run("show", path).stdout
    assert shown.startswith("in a file of libvirt")
    assert "end of the stream" in shown
    assert "<domain" in document("show", path)["wrapping"]["domain_xml"]
    assert run("ram", path).returncode == 0


def test_a_snapshot_in_a_qcow2_image_is_named(tmp_path: Path) -> None:
    if shutil.which("qemu-img") is None:
        pytest.skip("qemu-img is not on this machine: `make test` installs it as root")
    path = unpacked("debian-11.1.3-pc-q35-11.1-snapshot.qcow2", tmp_path)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    for name in ("first", "second"):
        assert run("verify", path, "--snapshot", name).returncode == 0
        assert "cpu[0]" in run("show", path, "--snapshot", name, "--section", "cpu").stdout
    unnamed = run("show", path)
    assert unnamed.returncode == 2
    assert "first" in unnamed.stderr
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_a_compressed_stream_is_read_like_the_plain_one(stream: Path, tmp_path: Path) -> None:
    packed = tmp_path / "guest.mig.gz"
    packed.write_bytes(gzip.compress(stream.read_bytes()))
    plain, found = document("show", stream), document("show", packed)
    assert found["wrapping"]["compression"] == "gzip"
    assert found["sections"] == plain["sections"]


@pytest.mark.parametrize("version", ["5.2.0", "7.2.22", "10.0.13", "11.1.3"])
@pytest.mark.lab
def test_what_a_build_saves_now_is_whole(
    version: str, builds: Mapping[str, Build], accel: Accel, tmp_path: Path
) -> None:
    if version not in builds:
        pytest.skip(f"QEMU {version} is not registered: `make test` fetches it")
    path = tmp_path / "guest.mig"
    asyncio.run(_save(builds[version], accel, path))
    done = run("verify", path)
    assert done.stdout.startswith("whole: "), done.stdout
    assert "status" in run("show", path, "--section", "*/virtio-net").stdout


async def _save(build: Build, accel: Accel, path: Path) -> None:
    devices = [f"-device={name}" for name in ("virtio-net-pci", "e1000e,romfile=", "qemu-xhci")]
    guest = ["-accel", accel, "-machine", "q35", "-m", "64", "-nodefaults"]
    words = [word for device in devices for word in device.split("=", 1)]
    async with launch(command(build), [*guest, *words]) as qemu:
        with path.open("wb") as file:
            await save(qemu, file)
