from __future__ import annotations

import pytest

from qcompat.builds.facts import DeviceFact
from qcompat.errors import GuestError, UsageError
from qcompat.guest.arguments import parse
from qcompat.trial.matrix.question.matrix_entry import MatrixEntry
from qcompat.trial.matrix.question.selection import Selection, spec_of
from tests.trial.matrix.conftest import DEVICES, MACHINE, build, facts, spec


def test_all_devices_are_those_that_every_build_has() -> None:
    known = {"one": facts("one"), "two": facts("two", [d for d in DEVICES if d.type != "edu"])}
    found = spec_of(Selection((MACHINE,), every=True), [build("one"), build("two")], known, "tcg")
    assert "edu" not in [entry.name for entry in found.entries]
    assert "two" in found.left_out["edu"]
    assert len(found.entries) == len(DEVICES) - 1


def test_processor_types_and_devices_with_properties_are_only_tried_alone() -> None:
    found = spec(Selection((MACHINE,), ("e1000", "e1000,addr=5", "qemu64-x86_64-cpu")))
    assert {entry.name: entry.setup is not None for entry in found.entries} == {
        "e1000": True,
        "e1000,addr=5": False,
        "qemu64-x86_64-cpu": False,
    }


def test_a_build_without_the_machine_type_is_left_out_and_told() -> None:
    known = {"one": facts("one"), "two": facts("two"), "three": facts("three")}
    builds = [build(name) for name in known]
    found = spec_of(Selection(("q35", "only-one"), ("edu",)), builds, known, "tcg")
    assert list(found.able) == ["q35"]
    assert found.left_out["only-one on two"] == "the build has no such machine type"


def test_a_machine_type_of_one_build_makes_no_matrix() -> None:
    with pytest.raises(UsageError, match="fewer than two of these builds offer only-one"):
        spec(Selection(("only-one",), ("edu",)))


def test_unknown_names_are_answered_with_near_ones() -> None:
    with pytest.raises(UsageError) as failure:
        spec(Selection(("pc-q35-7.3",), ("edu",)))
    assert MACHINE in failure.value.hint
    with pytest.raises(UsageError) as failure:
        spec(Selection((MACHINE,), ("e1001",)))
    assert "e1000" in failure.value.hint


def test_a_device_that_no_guest_can_be_made_around_is_refused_with_the_reason() -> None:
    known = {n: facts(n, [*DEVICES, DeviceFact("vfio-pci", "PCI")]) for n in ("one", "two")}
    builds = [build(name) for name in known]
    with pytest.raises(GuestError, match="vfio-pci"):
        spec_of(Selection((MACHINE,), ("vfio-pci",)), builds, known, "tcg")
    found = spec_of(Selection((MACHINE,), every=True), builds, known, "tcg")
    assert any(name.startswith("vfio-pci") for name in found.left_out)


def test_without_devices_the_board_itself_is_tried() -> None:
    assert [entry.name for entry in spec(Selection((MACHINE,))).entries] == ["board"]


def test_a_whole_guest_is_on_its_own_machine_type() -> None:
    guest = parse(["-machine", MACHINE, "-nodefaults", "-device", "edu"])
    (entry,) = spec(Selection(guests=(MatrixEntry("mine", guest.machine, guest),))).entries
    assert (entry.name, entry.machine, entry.setup) == ("mine", MACHINE, None)


def test_the_key_of_a_question_is_that_of_its_builds_and_guests() -> None:
    asked = Selection((MACHINE,), ("edu", "e1000"))
    assert spec(asked).key == spec(Selection((MACHINE,), ("e1000", "edu"))).key
    assert spec(asked).key != spec(Selection((MACHINE,), ("edu",))).key
