"""`qcompat portrait`: looking into a file, and taking one from a real build."""

from __future__ import annotations

from pathlib import Path

import pytest

from qcompat.builds.build import Build
from qcompat.cli import run
from qcompat.portrait.file import read_portrait

Captured = pytest.CaptureFixture[str]
GUEST = ["--machine", "q35", "--device", "virtio-rng-pci"]


def test_show_names_build_guest_and_parts(source: str, capsys: Captured) -> None:
    assert run(["portrait", "show", source]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "QEMU 10.0.13 Debian 1:10.0.13+ds-0+deb13u1" in text
    assert "machine pc-q35-10.0" in text
    assert "virtio 1 device" in text
    assert "34 sections of device state" in text


def test_show_refuses_a_foreign_file(capsys: Captured) -> None:
    assert run(["portrait", "show", __file__]) == 2
    assert "is not a portrait file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["nosuch", "-o", "{tmp}/a.qcp", *GUEST], "nosuch"),
        (["nosuch", "-o", "{tmp}/a.qcp"], "no guest"),
        (["nosuch", "-o", "{tmp}/none/a.qcp", *GUEST], "no directory"),
        (["nosuch", "-o", "/dev/null", *GUEST], "not a regular file"),
        (["nosuch", "-o", "{tmp}", *GUEST], "not a regular file"),
        (["other.qcp", "-o", "{tmp}/a.qcp", *GUEST], "is a file"),
    ],
)
def test_take_put_wrongly_is_2_and_writes_nothing(
    arguments: list[str], word: str, bare_machine: Path, capsys: Captured
) -> None:
    before = list(bare_machine.iterdir())
    assert run(["portrait", "take", *(a.format(tmp=bare_machine) for a in arguments)]) == 2
    assert word in capsys.readouterr().err
    assert list(bare_machine.iterdir()) == before


def test_an_answer_is_not_written_to_a_link_to_itself(bare_machine: Path, capsys: Captured) -> None:
    (bare_machine / "a.qcp").symlink_to("a.qcp")
    words = ["portrait", "take", "nosuch", "-o", str(bare_machine / "a.qcp"), *GUEST]
    assert run(words) == 2
    assert "is a link to itself" in capsys.readouterr().err


@pytest.mark.lab
def test_taken_portrait_can_be_checked_against_itself(newest: Build, tmp_path: Path) -> None:
    file = tmp_path / "taken.qcp"
    assert run(["portrait", "take", newest.name, "-o", str(file), *GUEST]) == 0
    assert read_portrait(file).identity == newest.identity
    assert run(["check", str(file), newest.name]) == 0


@pytest.mark.lab
def test_guest_that_qemu_refuses_is_2_and_writes_nothing(
    newest: Build, tmp_path: Path, capsys: Captured
) -> None:
    file = tmp_path / "taken.qcp"
    wrong = ["--machine", "q35", "--device", "virtio-rngpci"]
    assert run(["portrait", "take", newest.name, "-o", str(file), *wrong]) == 2
    assert "did you mean virtio-rng-pci" in capsys.readouterr().err
    assert not file.exists()
