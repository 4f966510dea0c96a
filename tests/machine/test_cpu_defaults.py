"""A default of a CPU type counts where no model that was asked changes it."""

from __future__ import annotations

from qcompat.builds.build import BuildIdentity
from qcompat.builds.facts import MachineFact
from qcompat.machine.audit import audit
from qcompat.machine.cpu_defaults import with_processors
from qcompat.machine.effective import compare_effective
from qcompat.machine.model import MachineFacts, Observed, TypeFact
from qcompat.machine.resolve import Unknown, resolve

DEFAULTS = {"pmu": "off", "legacy-cache": "on", "new": None}
TYPES = {
    name: TypeFact(name, ("x86_64-cpu", "cpu", "device"), properties=DEFAULTS)
    for name in ("A-cpu", "B-cpu", "A-v1-cpu")
} | {"e1000": TypeFact("e1000", ("device",), properties={"mac": ""})}
BASE = {
    "A-cpu": {"pmu": "off", "legacy-cache": "off", "new": "1"},
    "B-cpu": {"pmu": "off", "legacy-cache": "on", "new": "1"},
}


def test_what_no_model_changes_is_known_of_the_others() -> None:
    assert with_processors(BASE, TYPES)["A-v1-cpu"] == {"pmu": "off"}


def test_models_that_were_asked_and_other_devices_stay_as_they_are() -> None:
    found = with_processors(BASE, TYPES)
    assert {name: found[name] for name in BASE} == BASE
    assert "e1000" not in found


def test_what_a_model_may_change_is_unknown() -> None:
    base = with_processors(BASE, TYPES)["A-v1-cpu"]
    values = {each.property: each.value for each in resolve(TYPES, (), "A-v1-cpu", base)}
    assert values["pmu"] == "off"
    assert isinstance(values["legacy-cache"], Unknown)
    assert isinstance(values["new"], Unknown)


def facts(processors: str, value: str) -> MachineFacts:
    said = Observed("m", {"A-cpu": {"pmu": value}, "e1000": {"mac": "x"}})
    machine = (MachineFact("m"),)
    identity = BuildIdentity(processors, "", processors)
    return MachineFacts(
        identity, machine, TYPES, {"m": ()}, "recovered", BASE, {"m": said}, processors=processors
    )


def test_models_asked_on_different_processors_are_not_compared() -> None:
    found = compare_effective(facts("one", "off"), "m", facts("other", "on"), "m")
    assert found.differences == ()
    assert "A-cpu" in found.unknown
    assert audit(facts("one", "off"), [facts("other", "on")]) == audit(
        facts("one", "off"), [facts("other", "off")]
    )


def test_models_asked_on_one_processor_are_compared() -> None:
    (found,) = compare_effective(facts("one", "off"), "m", facts("one", "on"), "m").differences
    assert (found.type, found.source, found.target) == ("A-cpu", "off", "on")
