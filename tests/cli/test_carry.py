"""`qcompat carry`: from a running guest, its arguments or its portrait to the next start line."""

from __future__ import annotations

import shlex
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from qcompat.builds.build import Build
from qcompat.cli import run
from qcompat.portrait.portrait import Accel
from tests.asked import asked
from tests.running_guest import running

Captured = pytest.CaptureFixture[str]
_BASE = "-machine pc-q35-7.2 -nodefaults -m 64"
DISK = (
    f"{_BASE} -blockdev null-co,node-name=x,read-zeroes=on -device virtio-blk-pci,drive=x,id=disk0"
)


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QCOMPAT_STORE", f"sqlite:///{tmp_path}/store.db")
    return tmp_path / "store.db"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no guest is given"),
        (["--portrait", "a", "--qmp", "b"], "--portrait already describes"),
        (["--qmp", "/nonexistent/socket"], "cannot open"),
        (["--argv", "/nonexistent/file"], "cannot read"),
        (["--portrait", "/nonexistent/file"], "cannot read"),
    ],
)
def test_questions_put_wrongly(words: list[str], said: str, store: Path, capsys: Captured) -> None:
    assert run(["carry", *words, "--to", "x"]) == 2
    out, err = capsys.readouterr()
    assert (out, store.exists()) == ("", False)
    assert said in err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kvm -m 1G\nkvm -m 2G\n", "holds 2 guests"),
        ("kvm -m 1G /srv/disk.qcow2", "/srv/disk.qcow2 is not a QEMU argument"),
        ("hello world\n", "holds no guest"),
    ],
)
def test_a_file_that_is_not_one_guest_is_an_error(
    text: str, said: str, tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "argv").write_text(text)
    assert run(["carry", "--argv", str(tmp_path / "argv"), "--from", "x", "--to", "x"]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.lab
def test_a_number_sign_inside_a_word_is_no_comment(
    newest: Build, accel: Accel, tmp_path: Path, capsys: Captured
) -> None:
    text = f"qemu-system-x86_64 -name guest=vm#1 {DISK} # the end"
    (tmp_path / "argv").write_text(text)
    ends = ("--from", newest.name, "--to", newest.name)
    code, answer = asked(capsys, "carry", "--argv", str(tmp_path / "argv"), "--accel", accel, *ends)
    assert code == 0
    assert shlex.join(answer["arguments"]) == shlex.join(shlex.split(text, comments=False)[:-3])


def test_arguments_without_a_build_ask_for_it(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "argv").write_text(f"/usr/bin/qemu-system-x86_64-of-nobody {DISK}")
    assert run(["carry", "--argv", str(tmp_path / "argv"), "--to", "x"]) == 2
    assert "--from BUILD" in capsys.readouterr().err


@pytest.mark.lab
def test_arguments_and_portraits_tell_what_to_set(
    builds: Mapping[str, Build], accel: Accel, tmp_path: Path, capsys: Captured
) -> None:
    source, target = _builds(builds, "10.0.13", "11.1.3")
    (tmp_path / "argv").write_text(f"qemu-system-x86_64 {DISK}")
    argv = ("--argv", str(tmp_path / "argv"), "--from", source.name, "--accel", accel)
    code, told = asked(capsys, "carry", *argv, "--to", target.name, "--promise", "loads")
    assert (code, told["schema"]) == (0, "qcompat.carry/3")
    assert [(s["name"], s["value"]) for s in told["new"]] == [("queue-size", "1024")]
    assert told["arguments"][0] == "qemu-system-x86_64"
    assert told["arguments"][-1] == "virtio-blk-pci,drive=x,id=disk0,queue-size=1024"
    assert told["forms"]["qemu"] == {
        "text": "-device virtio-blk-pci,drive=x,id=disk0,queue-size=1024",
        "notes": ["in place of -device virtio-blk-pci,drive=x,id=disk0"],
    }
    assert run(["carry", *argv, "--to", target.name, "--form", "proxmox"]) == 1
    text = capsys.readouterr().out
    assert "  args: -set device.disk0.queue-size=1024\n" in text
    assert "start line" not in text


@pytest.mark.lab
def test_a_running_guest_tells_what_its_drivers_chose(
    builds: Mapping[str, Build], accel: Accel, capsys: Captured
) -> None:
    """The firmware gave the disk's one queue 256 entries, which 11.1 takes as it is."""
    source, target = _builds(builds, "10.0.13", "11.1.3")
    with running(source, shlex.split(DISK), accel, seconds=4 if accel == "kvm" else 12) as (
        path,
        process,
    ):
        code, told = asked(capsys, "carry", "--qmp", str(path), "--to", source.name)
        assert (code, told["verdict"], told["disagreements"]) == (0, "ok", [])
        code, told = asked(
            capsys, "carry", "--qmp", str(path), "--to", target.name, "--promise", "loads"
        )
        assert code == 0
        assert process.poll() is None
    assert not any(f["rule"] == "queue_size_exceeded_on_target" for f in told["findings"])


@pytest.mark.lab
def test_the_record_and_the_running_guest_are_compared(
    builds: Mapping[str, Build], accel: Accel, capsys: Captured
) -> None:
    """RecordedGuest with one port more, and on another build, than what really runs."""
    build, other = _builds(builds, "10.0.2", "10.0.13")
    uuid = "-uuid 12345678-1234-1234-1234-123456789abc"
    recorded = f"{DISK} {uuid} -device pcie-root-port,id=rp0"
    run(["guest", "start", "g", build.name, "--accel", accel, "--", *shlex.split(recorded)])
    really = f"{DISK},write-cache=off {uuid} -S"
    with running(other, shlex.split(really), accel) as (path, _):
        _, told = asked(capsys, "carry", "--qmp", str(path), "--to", other.name)
    assert (told["guest"], told["is_recorded"]) == ("g", True)
    found = {each["what"]: each["observed"] for each in told["disagreements"]}
    assert any(what.startswith("build, recorded as") for what in found)
    assert any("rp0" in what and observed is None for what, observed in found.items())
    assert any(what.endswith("write-cache") for what in found)


@pytest.mark.lab
def test_a_build_that_is_not_registered_leaves_what_can_be_kept(
    builds: Mapping[str, Build],
    accel: Accel,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    """Only properties are then compared: nothing is promised, and debugging is not asked."""
    source, target = _builds(builds, "10.0.2", "10.0.13")
    words = shlex.split(f"{DISK} -S -global virtio-blk-pci.x-pcie-flr-init=off")
    from qcompat.builds.registry import Registry

    listed = [build for build in Registry.list(_registry()) if build.name != source.name]
    monkeypatch.setattr(Registry, "list", lambda _: listed)
    with running(source, words, accel) as (path, _):
        code, told = asked(capsys, "carry", "--qmp", str(path), "--to", target.name)
    assert (code, told["verdict"]) == (3, "unknown")
    assert "which is not registered" in told["lacking"]
    assert any(gap["part"] == "virtio" for gap in told["gaps"])


@pytest.mark.lab
def test_a_running_guest_survives_being_asked_even_by_a_build_that_dies_of_a_question(
    builds: Mapping[str, Build], accel: Accel, capsys: Captured
) -> None:
    (build,) = _builds(builds, "11.1.3")
    with running(build, shlex.split(f"{DISK} -S"), accel) as (path, process):
        code, told = asked(capsys, "carry", "--qmp", str(path), "--to", build.name)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
    assert (code, told["verdict"]) == (0, "ok")


def _registry() -> Any:
    from qcompat.builds.registry import Registry
    from qcompat.local.home import data_home

    return Registry(data_home())


def _builds(builds: Mapping[str, Build], *versions: str) -> tuple[Build, ...]:
    if missing := [version for version in versions if version not in builds]:
        pytest.skip(f"needs the builds {', '.join(missing)}")
    return tuple(builds[version] for version in versions)


@pytest.mark.lab
def test_what_the_target_does_not_have_is_written_as_it_has_it(
    builds: Mapping[str, Build], tmp_path: Path, capsys: Captured
) -> None:
    gone = "-no-acpi -chroot /srv/a -runas nobody -watchdog i6300esb -realtime mlock=off"
    (tmp_path / "argv").write_text(f"qemu-system-x86_64 -machine pc-q35-5.2 -m 64 {gone}")
    words = ("--argv", str(tmp_path / "argv"), "--from", "debian-5.2.0", "--accel", "tcg")
    _, answer = asked(capsys, "carry", *words, "--to", builds["11.1.3"].name)
    line = shlex.join(answer["arguments"])
    assert "-run-with chroot=/srv/a -run-with user=nobody -device i6300esb" in line
    assert "-machine acpi=off" in line
    assert {each["option"] for each in answer["changed"]} >= {"-no-acpi", "-chroot /srv/a"}
    assert run(["carry", *words, "--to", builds["11.1.3"].name]) in (0, 1)
    text = capsys.readouterr().out
    assert "the guest's own arguments" not in text
    assert "-run-with user=nobody in place of -runas nobody" in text


@pytest.mark.lab
def test_a_line_that_the_target_refuses_is_not_printed(
    builds: Mapping[str, Build], tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "argv").write_text("qemu-system-x86_64 -machine pc-q35-5.2 -m 64 -vnc :0,acl")
    words = ("--argv", str(tmp_path / "argv"), "--from", "debian-5.2.0", "--accel", "tcg")
    run(["carry", *words, "--to", builds["11.1.3"].name])
    text = capsys.readouterr().out
    assert "blocked" in text
    assert "tls-authz=" in text
    assert "\nstart line" not in text


@pytest.mark.lab
def test_a_process_is_asked_and_without_its_monitor_is_never_ok(
    newest: Build, accel: Accel, capsys: Captured
) -> None:
    with running(newest, DISK.split(), accel) as (path, _):
        pid = _process_behind(path)
        words = ("--pid", str(pid), "--to", newest.name, "--from", newest.name)
        code, told = asked(capsys, "carry", *words)
        assert code == 0
        assert told["verdict"] == "ok"
        with socket.socket(socket.AF_UNIX) as holder:
            holder.connect(str(path))
            code, unasked = asked(capsys, "carry", *words)
    assert code == 3
    assert unasked["verdict"] == "unknown"
    assert "virtio-blk-pci,drive=x,id=disk0" in " ".join(unasked["arguments"])


def _process_behind(path: Path) -> int:
    """The process that listens on the socket, by the kernel's word."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        told = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    return int.from_bytes(told[:4], sys.byteorder)
