"""Cells of other architectures: what is tried, and states that are cut out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from qcompat.arch.architecture import architectures
from qcompat.portrait.portrait import Portrait
from tools.accuracy.architectures.cells import WHOLE, cases_of, cut_of, cut_out, tried, without
from tools.accuracy.architectures.page import render

Recording = Callable[[str], Portrait]


def test_every_architecture_that_is_tried_has_a_table_and_machine_types() -> None:
    for name, entry in tried().items():
        assert all(architectures()[name].has(machine) for machine in entry.machines)


@pytest.mark.parametrize("name", tried())
def test_processors_are_loaded_as_they_were_saved(recording: Recording, name: str) -> None:
    entry = tried()[name]
    facts = recording("arm@10.0.13").facts
    cases = list(cases_of(entry, entry.machines[0], [facts]))
    whole = [case for case in cases if case.machine.endswith(WHOLE)]
    assert len(whole) == len(entry.whole)
    assert {cut_of(entry, case) for case in whole} == {()}
    assert {cut_of(entry, case) for case in cases if case not in whole} <= {entry.cut}


def test_a_state_that_is_cut_out_is_in_neither_stream_nor_portrait(recording: Recording) -> None:
    portrait = recording("arm@10.0.13")
    assert portrait.stream
    bare = without(portrait, ["cpu"]).stream
    assert bare and len(bare.sections) == len(portrait.stream.sections) - 1
    cpu = next(section for section in portrait.stream.sections if section.idstr == "cpu")
    end = cpu.offset + len(cpu.payload) + 5
    content = bytes(cpu.offset - 17) + b"x" * (end - cpu.offset + 17) + b"after"
    assert cut_out(content, portrait, ["cpu"]) == bytes(cpu.offset - 17) + b"after"
    assert without(portrait, []) is portrait


def test_a_page_without_cells_is_whole() -> None:
    page = render({"s390x": []}, tried(), "0 cells.")
    assert page.startswith("# Accuracy on other architectures")
    assert "None." in page
