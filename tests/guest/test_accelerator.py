"""Whether what ran the guest is what its line asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from qcompat.builds.build import Build
from qcompat.cli import run
from qcompat.guest.accelerator import run_by
from qcompat.guest.arguments import parse

_PLAIN = ["-machine", "pc-q35-7.2", "-m", "16M", "-nodefaults"]


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("-machine q35", ()),
        ("-machine q35 -enable-kvm", ("kvm",)),
        ("-machine q35 -accel kvm,kernel-irqchip=split", ("kvm",)),
        ("-machine q35,accel=kvm:tcg", ("kvm", "tcg")),
        ("-M q35 -accel hvf -accel tcg", ("hvf", "tcg")),
        ('-machine {"type":"q35","accel":"kvm"}', ("kvm",)),
    ],
)
def test_line_tells_what_it_asks_for(line: str, asked: tuple[str, ...]) -> None:
    assert parse(line.split()).accelerators == asked


def test_guest_is_the_same_whatever_runs_it() -> None:
    lines = (_PLAIN, [*_PLAIN, "-enable-kvm"], [*_PLAIN, "-accel", "tcg"])
    assert len({parse(line).arguments for line in lines}) == 1


def test_only_another_accelerator_than_the_first_choice_is_named() -> None:
    guest = parse([*_PLAIN, "-machine", "accel=kvm:tcg"])
    assert run_by(guest, "kvm") == guest
    assert run_by(parse(_PLAIN), "tcg").uncovered == ()
    noted = run_by(guest, "tcg")
    assert [note.subject for note in noted.uncovered] == ["-accel kvm"]
    assert "stands on tcg" in noted.uncovered[0].reason
    assert run_by(noted, "tcg") == noted


@pytest.mark.lab
@pytest.mark.parametrize("command", ["check", "prove"])
def test_answer_says_that_it_stands_on_another_accelerator(
    command: str, builds: Mapping[str, Build], capsys: pytest.CaptureFixture[str]
) -> None:
    ends = [build.name for build in list(builds.values())[:2]]
    guest = ["-machine", "pc-q35-5.2", *_PLAIN[2:], "-enable-kvm"]
    run([command, *ends, "--accel", "tcg", "--json", "--", *guest])
    (part,) = json.loads(capsys.readouterr().out)["uncovered"]
    assert part["subject"] == "-accel kvm"
    run([command, *ends, "--accel", "tcg", "--", *guest])
    assert "the answer stands on tcg" in " ".join(capsys.readouterr().out.split())
