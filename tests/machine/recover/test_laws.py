"""Laws: a recovered table reproduces every observation, and of a table recovers an equal one."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from qcompat.machine.model import CompatEntry, Observed, Values
from qcompat.machine.recover import Reach, Recovered, recover
from tests.machine.recover.observations_writer import BASE, TYPES, observed
from tools.table_agreement import agreement

VALUES = st.sampled_from("012")
MACHINES = st.lists(
    st.sampled_from(["a-1.0", "a-1.1", "a-1.10", "b-1.0", "b-2.0", "microvm"]),
    min_size=1,
    max_size=5,
    unique=True,
)
PROPERTIES = ("addr", "size", "speed", "irq", "packed", "mq", "rom")
ENTRIES = st.lists(
    st.builds(
        CompatEntry, st.sampled_from([*TYPES, "device"]), st.sampled_from(PROPERTIES), VALUES
    ),
    max_size=6,
)

# an inner device is always seen inside a proxy, and what it says depends on that
ALONE = {type: values for type, values in BASE.items() if not type.endswith("-device")}


def _values(properties: Mapping[str, object]) -> st.SearchStrategy[Values]:
    return st.fixed_dictionaries(dict.fromkeys(sorted(properties), VALUES))


@st.composite
def anything(draw: st.DrawFn) -> dict[str, Observed]:
    """Devices that say anything, whether a table can explain it or not; some say nothing."""
    seen = {}
    for machine in draw(MACHINES):
        types = draw(st.lists(st.sampled_from(sorted(BASE)), unique=True))
        devices = {type: draw(_values(TYPES[type].properties)) for type in types}
        seen[machine] = Observed(machine, devices)
    return seen


@st.composite
def tables(draw: st.DrawFn) -> dict[str, list[CompatEntry]]:
    """Any table for each machine type."""
    return {machine: draw(ENTRIES) for machine in draw(MACHINES)}


def _says(recovered: Recovered, machine: str, type: str) -> Values:
    reach = Reach(TYPES, recovered.base)
    return reach.apply(type, recovered.base[type], recovered.tables[machine])


@given(anything())
def test_applying_what_was_recovered_reproduces_what_was_observed(
    seen: dict[str, Observed],
) -> None:
    recovered = recover(seen, TYPES, tuple(seen))
    for machine, each in seen.items():
        for type, values in each.devices.items():
            said = _says(recovered, machine, type)
            assert {property: said[property] for property in values} == values


@given(tables())
def test_recovering_from_tables_agrees_with_these_tables(
    told: dict[str, list[CompatEntry]],
) -> None:
    seen = observed(told, ALONE)
    recovered = recover(seen, TYPES, tuple(seen))
    judged = agreement(recovered, told, seen, TYPES)
    if recovered.base == ALONE:
        assert judged.disagreements == ()
    assert judged.total == sum(len(v) for each in seen.values() for v in each.devices.values())


@given(anything())
def test_the_order_in_which_machines_are_named_does_not_matter(seen: dict[str, Observed]) -> None:
    backwards = dict(reversed(seen.items()))
    assert recover(seen, TYPES, tuple(seen)) == recover(backwards, TYPES, tuple(backwards))


@given(anything())
def test_no_entry_says_what_no_device_said(seen: dict[str, Observed]) -> None:
    recovered = recover(seen, TYPES, tuple(seen))
    said = {
        (machine, property, value)
        for machine, each in seen.items()
        for values in each.devices.values()
        for property, value in values.items()
    }
    for machine, step in recovered.steps.items():
        assert all((machine, entry.property, entry.value) in said for entry in step)
