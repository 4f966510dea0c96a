"""A guest in a file: `--guest FILE`, or the file as the only word after `--`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from qcompat.app.given_guest import given_guest
from qcompat.cli import run
from qcompat.portrait.file import read_portrait

Captured = pytest.CaptureFixture[str]

LINE = "qemu-system-x86_64 \\\n  -machine pc-q35-10.0 -device virtio-blk-pci,drive=d \\\n  -drive"
BAD = f"{LINE} if=none,id=d,nonsense\n/srv/disk.qcow2\n"


@pytest.fixture
def guest(tmp_path: Path) -> Path:
    path = tmp_path / "guest.sh"
    path.write_text(BAD)
    return path


@pytest.mark.parametrize("how", [("--guest",), ("--",)])
@pytest.mark.parametrize(
    "command", [("check", "x", "x"), ("prove", "x", "x"), ("repair", "x", "x")]
)
def test_the_file_is_read_and_named_in_errors(
    command: tuple[str, ...], how: tuple[str, ...], guest: Path, capsys: Captured
) -> None:
    assert run([*command, *how, str(guest)]) == 2
    assert f"{guest}: /srv/disk.qcow2 is not a QEMU argument" in capsys.readouterr().err


@pytest.mark.parametrize("how", [("--guest",), ("--",)])
def test_what_is_in_no_form_is_never_taken_for_a_disk(
    how: tuple[str, ...], tmp_path: Path, capsys: Captured
) -> None:
    image = tmp_path / "disk.img"
    image.write_bytes(b"\x7f\1\2\3" * 9)
    assert run(["check", "x", "x", *how, str(image)]) == 2
    error = capsys.readouterr().err
    assert f"{image} holds no guest" in error
    assert "hint: give " in error


def test_a_missing_file_is_said(capsys: Captured) -> None:
    assert run(["check", "x", "x", "--", "/nonexistent/web1.xml"]) == 2
    assert "cannot read /nonexistent/web1.xml: No such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("others", "second"),
    [
        (("--machine", "q35"), "by --machine or --device"),
        (("--device", "e1000e"), "by --machine or --device"),
        (("--", "-m", "1G"), "after --"),
    ],
)
def test_a_second_guest_is_an_error(
    others: tuple[str, ...], second: str, guest: Path, capsys: Captured
) -> None:
    assert run(["check", "x", "x", "--guest", str(guest), *others]) == 2
    assert f"given twice: by a file, and {second}" in capsys.readouterr().err


def test_a_portrait_gives_its_guest(source: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept.qcp"
    shutil.copy(source, kept)
    given = given_guest(kept)
    assert given.guest == read_portrait(Path(source)).guest
    assert given.own[:2] == ("-machine", "pc-q35-10.0")


def test_a_start_is_recorded_from_a_file(guest: Path, capsys: Captured) -> None:
    assert run(["guest", "start", "web1", "x", "--guest", str(guest)]) == 2
    assert f"{guest}: /srv/disk.qcow2 is not a QEMU argument" in capsys.readouterr().err
