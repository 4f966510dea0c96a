"""Laws of all lints together."""

from __future__ import annotations

from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.errors import FileFormatError
from qcompat.machine.audit import audit
from qcompat.machine.audit.known import parse_known
from qcompat.machine.audit.registry import ALONE, BETWEEN
from qcompat.machine.model import CompatEntry, MachineFacts
from tests.machine.audit.handmade import RELEASES, observed, reported

VALUES = st.sampled_from(["0", "1", "2"])
ENTRIES = st.builds(
    CompatEntry,
    st.sampled_from(["rng-pci", "pci-device", "gone"]),
    st.sampled_from(["vectors", "period"]),
    VALUES,
)
BUILDS = st.one_of(
    st.dictionaries(st.sampled_from(RELEASES), st.lists(ENTRIES).map(tuple)).map(reported),
    st.dictionaries(st.sampled_from(RELEASES), VALUES, min_size=1).map(observed),
)
BETWEEN_IDS = {lint for lint, _ in BETWEEN}


@pytest.mark.parametrize("lint", [lint for lint, _ in (*ALONE, *BETWEEN)])
def test_a_lint_is_called_like_its_file(lint: str) -> None:
    assert lint == import_module(f"qcompat.machine.audit.lints.{lint}").LINT


@given(BUILDS)
def test_a_build_beside_itself_has_nothing_between(facts: MachineFacts) -> None:
    assert not BETWEEN_IDS & {finding.lint for finding in audit(facts, [facts])}


@given(BUILDS, BUILDS)
def test_a_reference_told_twice_changes_nothing(one: MachineFacts, other: MachineFacts) -> None:
    assert audit(one, [other, other]) == audit(one, [other])


@given(BUILDS, BUILDS)
def test_values_differ_both_ways_or_not_at_all(one: MachineFacts, other: MachineFacts) -> None:
    def differing(facts: MachineFacts, reference: MachineFacts) -> set[str]:
        found = audit(facts, [reference])
        return {m for each in found if each.reference and each.value for m in each.machines}

    assert differing(one, other) == differing(other, one)


def test_a_misspelt_table_fails_as_a_whole() -> None:
    with pytest.raises(FileFormatError, match=r"known\.toml"):
        parse_known(b"[[boards]]\n")
