"""Rehearsals held against migrations: the guests that are asked about, and the page of cells."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from qcompat.builds.build import Build
from qcompat.builds.registry import Registry
from qcompat.local.home import data_home
from qcompat.portrait.portraits import Portraits
from qcompat.qemu.outcome import Outcome
from qcompat.verdict.judgement import Answer
from tools.accuracy.rehearsals.cell import Cell
from tools.accuracy.rehearsals.guests import recipes
from tools.accuracy.rehearsals.page import TITLE, render, write_section
from tools.accuracy.rehearsals.truth import Taken, Truth
from tools.accuracy.rehearsals.verdicts import score
from tools.accuracy.section import section, with_section

LOADED = Outcome("loaded")
REFUSED = Outcome("refused", "VQ 0 vring.num 1024 exceeds allocated max 8")
OTHERWISE = Outcome("refused", "Unknown savevm section or instance 'serial' 0")


def _cell(rehearsed: Outcome, real: Outcome, said: Answer = "ok") -> Cell:
    verdicts: dict[str, Answer] = {"running": said}
    return Cell("g", "pc-q35-7.2", "a", "b", "booted", rehearsed, real, verdicts=verdicts)


def test_every_recipe_is_a_guest_on_its_machine_types() -> None:
    assert len(recipes()) >= 5
    for recipe in recipes():
        for machine in recipe.machines:
            assert recipe.guest(machine).machine == machine


@pytest.mark.parametrize(
    ("rehearsed", "real", "agrees", "same_cause"),
    [
        (LOADED, LOADED, True, True),
        (REFUSED, REFUSED, True, True),
        (REFUSED, OTHERWISE, True, False),
        (LOADED, REFUSED, False, False),
        (REFUSED, LOADED, False, False),
    ],
)
def test_a_cell_agrees_where_both_end_alike(
    rehearsed: Outcome, real: Outcome, agrees: bool, same_cause: bool
) -> None:
    cell = _cell(rehearsed, real)
    assert (cell.agrees, cell.has_same_cause) == (agrees, same_cause)


@pytest.mark.parametrize(
    ("said", "real", "row"),
    [
        ("ok", LOADED, "1 | 0 | 0 | 0"),
        ("drift", REFUSED, "0 | 1 | 0 | 0"),
        ("blocked", LOADED, "0 | 0 | 1 | 0"),
        ("blocked", REFUSED, "1 | 0 | 0 | 0"),
        ("unknown", REFUSED, "0 | 0 | 0 | 1"),
    ],
)
def test_a_verdict_is_scored_by_what_really_happened(said: Answer, real: Outcome, row: str) -> None:
    section = render([_cell(real, real, said)], "Judged now.")
    assert f"| booted | running | 1 | {int(not real.loads)} | {row} |" in section


def test_disagreements_are_listed() -> None:
    section = render([_cell(LOADED, REFUSED)], "Judged now.")
    assert "| 0 (0.0%) |" in section
    assert "booted, a → b: rehearsed loaded, really refused" in section


def test_the_section_replaces_the_one_that_is_there(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Accuracy\n\n## First\n\ntext\n")
    cells = [_cell(LOADED, LOADED)]
    write_section(page, cells, "Judged now.")
    page.write_text(page.read_text() + "\n## Last\n\nmore\n")
    once = page.read_text()
    write_section(page, [*cells, *cells], "Judged now.")
    write_section(page, cells, "Judged now.")
    assert page.read_text() == once
    assert once.count(TITLE) == 1
    assert once.endswith("## Last\n\nmore\n")
    write_section(page, [], "Judged now.")
    assert page.read_text() == once


def test_there_are_no_cells_where_none_were_measured(tmp_path: Path) -> None:
    assert Truth(tmp_path / "nothing.jsonl").cells() == ()


def test_what_was_measured_is_found_again_with_its_guest(tmp_path: Path) -> None:
    taken = Taken(b"state", (), ("why not",))
    cell = _cell(LOADED, REFUSED)
    truth = Truth(tmp_path / "cells.jsonl")
    truth.add((cell,), taken)
    assert truth.cells() == (cell,)
    assert truth.taken(cell) == taken
    assert truth.states("g", "pc-q35-7.2", "a") == {"booted"}
    assert truth.states("g", "pc-q35-7.2", "b") == frozenset()


def test_a_page_that_is_written_anew_keeps_the_section_of_another_tool() -> None:
    old = "# Page\n\n## First\n\n1\n\n## Other\n\n2\n\n## Last\n\n3\n"
    kept = section(old, "## Other\n")
    new = with_section("# Page\n\n## First\n\n4\n", "## Other\n", kept)
    assert new == "# Page\n\n## First\n\n4\n\n## Other\n\n2\n"
    assert with_section(old, "## Other\n", kept) == old
    assert with_section(old, "## Absent\n", "") == old


def test_no_portrait_is_taken_when_the_time_is_over(
    tmp_path: Path, builds: Mapping[str, Build]
) -> None:
    if not {"10.0.2", "10.0.13"} <= builds.keys():
        pytest.skip("needs the builds 10.0.2 and 10.0.13")
    cell = Cell("nvme", "pc-q35-7.2", "debian-10.0.2", "debian-10.0.13", "booted", LOADED, LOADED)
    truth = Truth(tmp_path / "cells.jsonl")
    truth.add((cell,), Taken(b"", ()))
    said: list[str] = []
    portraits = Portraits(Registry(data_home()), tmp_path)
    (scored,) = asyncio.run(score(truth, portraits, said.append, end=0.0))
    assert scored.verdicts == {}
    assert len(said) == 4
    assert all("not at hand" in each for each in said)
