"""What was observed comes back from its steps as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.builds.build import BuildIdentity
from qcompat.errors import FileFormatError
from qcompat.machine.deltas import Said, from_steps, to_steps
from qcompat.machine.model import MachineFacts, Observed
from qcompat.machine.store import read_facts, shipped, write_facts

names = st.sampled_from(["a", "b", "c"])
values = st.dictionaries(names, st.sampled_from(["on", "off"]), max_size=2)
said = st.dictionaries(names, values, max_size=3)


@st.composite
def sweeps(draw: st.DrawFn) -> dict[str, Observed]:
    machines = draw(st.lists(st.sampled_from(["m1", "m2", "m3"]), unique=True))
    reasons = st.dictionaries(names, st.just("refused"), max_size=2)
    return {m: Observed(m, draw(said), draw(said), draw(reasons)) for m in machines}


@given(sweeps())
def test_steps_lead_back(observed: dict[str, Observed]) -> None:
    assert from_steps(to_steps(observed.values())) == observed


@given(sweeps())
def test_equal_neighbours_make_an_empty_step(observed: dict[str, Observed]) -> None:
    for each in observed.values():
        step = to_steps([each, each])[1]
        assert step.devices == step.defaults == Said()


def test_facts_are_kept_whole(tmp_path: Path) -> None:
    observed = {"m": Observed("m", {"e1000": {"mac": "x"}}, skipped={"b": "why"})}
    facts = MachineFacts(BuildIdentity("1.2", "", "0"), (), {}, {}, "recovered", observed=observed)
    write_facts(facts, tmp_path / "facts.mtf")
    assert read_facts(tmp_path / "facts.mtf") == facts


def test_a_damaged_file_is_an_error_with_a_hint(tmp_path: Path) -> None:
    path = tmp_path / "facts.mtf"
    path.write_bytes(b"nothing")
    with pytest.raises(FileFormatError) as caught:
        read_facts(path)
    assert caught.value.hint


@pytest.mark.parametrize("name", sorted(shipped()))
def test_shipped_facts_can_be_read(name: str) -> None:
    facts = read_facts(shipped()[name])
    assert facts.tables
    assert facts.observed
