"""`qcompat check FILE --to` and `rehearse --state FILE` of saved guests, on real builds."""

from __future__ import annotations

import asyncio
import json
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import zstandard
from qemu.qmp import QMPClient

from qcompat.builds.build import Build
from qcompat.cli import run
from tests.running_guest import running

Captured = pytest.CaptureFixture[str]
STREAMS = Path(__file__).parents[1] / "data" / "streams"
GUEST = (
    "-machine pc-q35-7.2 -nodefaults -m 64 -blockdev null-co,node-name=x,read-zeroes=on"
    " -device virtio-blk-pci,drive=x,id=disk0 -device qemu-xhci,id=xhci -device usb-tablet"
)


@pytest.fixture
def described(tmp_path: Path) -> Path:
    path = tmp_path / "guest.sh"
    path.write_text(f"qemu-system-x86_64 -accel tcg {GUEST}\n")
    return path


def asked(capsys: Captured, *words: str | Path) -> tuple[int, Any]:
    capsys.readouterr()
    code = run([*map(str, words), "--json"])
    out, err = capsys.readouterr()
    assert out, err
    return code, json.loads(out)


def needed(builds: Mapping[str, Build], *versions: str) -> tuple[Build, ...]:
    if missing := [version for version in versions if version not in builds]:
        pytest.skip(f"needs the builds {', '.join(missing)}")
    return tuple(builds[version] for version in versions)


async def save(socket: Path, file: Path) -> None:
    client = QMPClient()
    await client.connect(str(socket))
    try:
        await client.execute("migrate", {"uri": f"file:{file}"})
        status: Any = {}
        while status.get("status") not in ("completed", "failed"):
            await asyncio.sleep(0.05)
            status = await client.execute("query-migrate")
        assert status["status"] == "completed"
    finally:
        await client.disconnect()


async def snapshots(socket: Path, *names: str) -> None:
    client = QMPClient()
    await client.connect(str(socket))
    try:
        for name in names:
            said = await client.execute("human-monitor-command", {"command-line": f"savevm {name}"})
            assert not said
    finally:
        await client.disconnect()


def saved(build: Build, file: Path, words: str = GUEST) -> Path:
    with running(build, shlex.split(words), "tcg", seconds=1, writable=[file.parent]) as (qmp, _):
        asyncio.run(save(qmp, file))
    return file


@pytest.mark.lab
def test_a_migration_file_is_judged_as_what_a_target_really_loads(
    builds: Mapping[str, Build], described: Path, tmp_path: Path, capsys: Captured
) -> None:
    source, *targets = needed(builds, "10.0.13", "7.2.22", "11.1.3")
    file = saved(source, tmp_path / "a.mig")
    guest = ("--guest", described, "--from", source.name)
    for target in targets:
        _, answer = asked(capsys, "check", file, "--to", target.name, *guest)
        verdict = answer["targets"][0]["forward"]["verdict"]
        words = ("--to", target.name, "--from", source.name, "--argv", described)
        code, _ = asked(capsys, "rehearse", "--state", file, *words)
        assert (verdict in ("ok", "drift")) == (code == 0)


@pytest.mark.lab
def test_a_snapshot_is_judged_as_what_a_target_really_loads(
    builds: Mapping[str, Build], tmp_path: Path, capsys: Captured
) -> None:
    source, target = needed(builds, "7.2.22", "10.0.13")
    disk, described = tmp_path / "disk.qcow2", tmp_path / "guest.sh"
    create = f"create -f qcow2 {disk} 16M"
    subprocess.run([shutil.which("qemu-img") or pytest.skip(), *create.split()], check=True)
    words = GUEST.replace(
        "null-co,node-name=x,read-zeroes=on",
        f"qcow2,file.driver=file,file.filename={disk},node-name=x",
    )
    described.write_text(f"qemu-system-x86_64 -accel tcg {words}\n")
    with running(source, shlex.split(words), "tcg", seconds=1, writable=[tmp_path]) as (qmp, _):
        asyncio.run(snapshots(qmp, "before", "after"))
    where = ("--to", target.name, "--from", source.name)
    assert run(["check", str(disk), *where, "--guest", str(described)]) == 2
    assert "choose one of: before (number 1), after (number 2)" in capsys.readouterr().err
    named = (*where, "--snapshot", "before")
    _, answer = asked(capsys, "check", disk, *named, "--guest", described)
    verdict = answer["targets"][0]["forward"]["verdict"]
    code, _ = asked(capsys, "rehearse", "--state", disk, *named, "--argv", described)
    assert (verdict in ("ok", "drift")) == (code == 0)


@pytest.mark.lab
def test_without_the_build_that_saved_it_the_stream_alone_speaks(
    builds: Mapping[str, Build], described: Path, tmp_path: Path, capsys: Captured
) -> None:
    source, target = needed(builds, "10.0.13", "7.2.22")
    file = saved(source, tmp_path / "a.mig")
    words = ("check", file, "--to", target.name, "--guest", described)
    code, answer = asked(capsys, *words)
    assert code == 3
    assert answer["targets"][0]["forward"]["verdict"] == "unknown"
    assert asked(capsys, *words, "--promise", "loads")[0] == 0


@pytest.mark.lab
def test_a_file_of_another_guest_is_refused(
    builds: Mapping[str, Build], described: Path, tmp_path: Path, capsys: Captured
) -> None:
    (source,) = needed(builds, "10.0.13")
    file = saved(source, tmp_path / "a.mig", GUEST.replace("q35-7.2", "q35-8.0"))
    words = ["check", str(file), "--to", source.name, "--guest", str(described)]
    assert run(words) == 2
    assert "is of a pc-q35-8.0, and the guest that is described is a pc-q35-7.2" in " ".join(
        capsys.readouterr().err.split()
    )


@pytest.mark.lab
def test_a_save_image_of_libvirt_brings_its_guest_along(
    builds: Mapping[str, Build], tmp_path: Path, capsys: Captured
) -> None:
    (target,) = needed(builds, "11.1.3")
    file = tmp_path / "web1.save"
    with (STREAMS / "libvirt-11.3.0-sparse.save.zst").open("rb") as packed, file.open("wb") as out:
        zstandard.ZstdDecompressor().copy_stream(packed, out)
    code, answer = asked(capsys, "check", file, "--to", target.name)
    assert code == 1
    rules = {finding["rule"] for finding in answer["targets"][0]["forward"]["findings"]}
    assert "queue_size_exceeded_on_target" in rules
    assert not rules & {"ram_block_size_changed", "configuration_changed"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["{mig}", "--to", "x"], "describe the guest that was saved"),
        (["{text}", "--to", "x"], "holds no saved guest"),
        (["{none}", "--to", "x"], "cannot read"),
        (["{mig}", "--to", "x", "--repair"], "not for a saved guest"),
        (["{mig}", "x", "--to", "x"], "or a saved one"),
        (["{mig}", "--to", "x", "--snapshot", "a", "--machine", "q35"], "has no snapshots"),
    ],
)
def test_questions_put_wrongly(
    words: list[str], said: str, tmp_path: Path, capsys: Captured
) -> None:
    files = {"mig": tmp_path / "a.mig", "text": tmp_path / "a.txt", "none": tmp_path / "b"}
    files["mig"].write_bytes(b"QEVM\0\0\0\3" + bytes(16))
    files["text"].write_text("hello\n")
    assert run(["check", *(word.format(**files) for word in words)]) == 2
    assert said in " ".join(capsys.readouterr().err.split())
