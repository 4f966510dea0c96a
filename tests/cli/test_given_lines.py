"""Every command takes a line with a configuration file, and a machine type of Proxmox VE."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from qcompat.builds.build import Build
from qcompat.cli import run
from qcompat.guest.guest import Guest
from qcompat.portrait.file import read_portrait, write_portrait
from qcompat.portrait.portrait import Accel

pytestmark = pytest.mark.lab
Captured = pytest.CaptureFixture[str]

BALLOON = '[device "balloon"]\n  driver = "virtio-balloon-pci"\n'
BASE = "-machine pc-q35-7.2 -nodefaults -m 64"
INLINE = f"{BASE} -device virtio-balloon-pci,id=balloon"
SMALL = "-machine pc-q35-7.2+pve0 -nodefaults -m 64"


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QCOMPAT_STORE", f"sqlite:///{tmp_path}/store.db")


@pytest.fixture
def line(tmp_path: Path) -> str:
    """A guest whose balloon is in a configuration file."""
    file = tmp_path / "guest.conf"
    file.write_text(BALLOON)
    return f"{BASE} -readconfig {file}"


@pytest.fixture
def ends(builds: Mapping[str, Build]) -> tuple[str, str]:
    return builds["10.0.13"].name, builds["7.2.22"].name


def asked(capsys: Captured, *words: str) -> tuple[int, Any]:
    capsys.readouterr()
    code = run([*words[: words.index("--")], "--json", *words[words.index("--") :]])
    out, err = capsys.readouterr()
    assert out, err
    return code, json.loads(out)


@pytest.mark.parametrize("command", ["check", "prove", "repair"])
def test_a_file_and_its_contents_inline_have_equal_answers(
    command: str, line: str, ends: tuple[str, str], accel: Accel, capsys: Captured
) -> None:
    start = (command, *ends, "--accel", accel, "--")
    of_file, inline = (asked(capsys, *start, *shlex.split(each)) for each in (line, INLINE))
    for _, answer in (of_file, inline):
        for spent in ("spent", "seconds", "hops", "archive"):
            answer.pop(spent, None)
    assert of_file == inline


def test_a_start_line_keeps_the_file_and_sets_its_device_behind_it(
    line: str, ends: tuple[str, str], accel: Accel, tmp_path: Path, capsys: Captured
) -> None:
    words = tmp_path / "words"
    words.write_text(f"qemu-system-x86_64 {line}")
    source, target = ends
    carry = ("carry", "--argv", str(words), "--from", source, "--to", target, "--accel", accel)
    _, answer = asked(capsys, *carry, "--")
    printed = " ".join(answer["arguments"])
    assert line in printed
    assert "-device" not in answer["arguments"]


def test_without_consent_a_type_of_proxmox_is_called_that(
    ends: tuple[str, str], accel: Accel, capsys: Captured
) -> None:
    assert run(["check", *ends, "--accel", accel, "--", *shlex.split(SMALL)]) == 2
    assert "a machine type of Proxmox VE, based on pc-q35-7.2" in capsys.readouterr().err


def test_with_consent_its_base_type_is_answered_and_the_difference_said(
    ends: tuple[str, str], accel: Accel, capsys: Captured
) -> None:
    start = ("check", *ends, "--accel", accel, "--base-type", "--")
    code, answer = asked(capsys, *start, *shlex.split(SMALL))
    plain_code, plain = asked(capsys, *start, *shlex.split(SMALL.replace("+pve0", "")))
    (note,) = answer.pop("uncovered")
    assert "answered with pc-q35-7.2" in note["reason"]
    assert plain.pop("uncovered") == []
    assert (code, answer) == (plain_code, plain)


def test_a_recorded_guest_and_its_start_line_have_the_base_type(
    ends: tuple[str, str], accel: Accel, capsys: Captured
) -> None:
    source, target = ends
    start = ("guest", "start", "g", source, "--accel", accel, "--base-type")
    asked(capsys, *start, "--", *shlex.split(SMALL))
    _, answer = asked(capsys, "guest", "moved", "g", target, "--dry-run", "--")
    assert answer["arguments"][:2] == ["-machine", "pc-q35-7.2"]


def test_a_matrix_takes_base_types(
    ends: tuple[str, str], accel: Accel, tmp_path: Path, capsys: Captured
) -> None:
    words = tmp_path / "words"
    words.write_text(SMALL)
    start = ("matrix", *ends, "--accel", accel, "--guest", str(words), "--base-type", "--")
    _, answer = asked(capsys, *start)
    assert {cell["machine"] for cell in answer["cells"]} == {"pc-q35-7.2"}


def test_a_portrait_of_a_host_of_proxmox_is_answered_on_its_base_type(
    source: str, ends: tuple[str, str], tmp_path: Path, capsys: Captured
) -> None:
    """Its QEMU makes of pc-q35-10.0+pve1 what others make of pc-q35-10.0."""
    taken = read_portrait(Path(source))
    arguments = ("-machine", f"{taken.guest.machine}+pve1", *taken.guest.arguments[2:])
    guest = Guest(f"{taken.guest.machine}+pve1", arguments)
    file = tmp_path / "taken.qcp"
    write_portrait(msgspec.structs.replace(taken, guest=guest), file)
    _, plain = asked(capsys, "check", source, ends[0], "--")
    _, answer = asked(capsys, "check", str(file), ends[0], "--base-type", "--")
    (note,) = answer.pop("uncovered")
    assert "answered with pc-q35-10.0" in note["reason"]
    assert plain.pop("uncovered") == []
    assert answer == plain
    assert run(["carry", "--portrait", str(file), "--to", ends[0], "--base-type"]) != 2
    assert "+pve1" not in capsys.readouterr().out
