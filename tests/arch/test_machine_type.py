from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.arch.machine_type import MachineType, nearest, parse_machine_type, versioned

NAMES = [
    ("pc-q35-7.2", MachineType("pc-q35-7.2", "pc-q35", (7, 2))),
    ("pc-q35-4.0.1", MachineType("pc-q35-4.0.1", "pc-q35", (4, 0, 1))),
    ("pc-i440fx-2.12", MachineType("pc-i440fx-2.12", "pc-i440fx", (2, 12))),
    ("pc-1.3", MachineType("pc-1.3", "pc-i440fx", (1, 3))),
    ("pc-q35-rhel9.6.0", MachineType("pc-q35-rhel9.6.0", "pc-q35", (9, 6, 0), "rhel")),
    ("rhel6.6.0", MachineType("rhel6.6.0", "pc-i440fx", (6, 6, 0), "rhel")),
    ("pc-i440fx-vz7.12.0", MachineType("pc-i440fx-vz7.12.0", "pc-i440fx", (7, 12, 0), "vz")),
    ("pc-i440fx-jammy", MachineType("pc-i440fx-jammy", "pc-i440fx", (22, 4), "ubuntu")),
    ("pc-q35-noble-hpb", MachineType("pc-q35-noble-hpb", "pc-q35", (24, 4), "ubuntu", "hpb")),
    ("virt-noble", MachineType("virt-noble", "virt", (24, 4), "ubuntu")),
    ("pc-q35-9.2+pve1", MachineType("pc-q35-9.2+pve1", "pc-q35", (9, 2), "", "", "pve1")),
    ("pc+pve0", MachineType("pc+pve0", "pc", (), "", "", "pve0")),
    ("virt-10.0", MachineType("virt-10.0", "virt", (10, 0))),
    ("s390-ccw-virtio-9.1", MachineType("s390-ccw-virtio-9.1", "s390-ccw-virtio", (9, 1))),
    ("pseries-9.0", MachineType("pseries-9.0", "pseries", (9, 0))),
    ("pseries-2.12-sxxm", MachineType("pseries-2.12-sxxm", "pseries", (2, 12), "", "sxxm")),
    ("xenfv-4.2", MachineType("xenfv-4.2", "xenfv", (4, 2))),
    *((name, MachineType(name, name)) for name in ("q35", "pc", "none", "x-remote", "isapc", "")),
]


@pytest.mark.parametrize(("name", "parts"), NAMES)
def test_a_name_of_any_vendor_is_taken_apart(name: str, parts: MachineType) -> None:
    assert parse_machine_type(name) == parts


def test_only_a_machine_type_that_keeps_a_release_is_versioned() -> None:
    assert versioned("pc-q35-rhel8.6.0") is not None
    assert versioned("q35") is None
    assert versioned("pc+pve0") is None


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("pc-q35-7.2", "pc-q35-10.0"),
        ("pc-q35-4.0", "pc-q35-4.0.1"),
        ("pc-q35-rhel8.6.0", "pc-q35-rhel9.4.0"),
        ("pc-i440fx-focal", "pc-i440fx-noble"),
        ("pc-1.3", "pc-i440fx-2.0"),
    ],
)
def test_one_family_has_one_order(older: str, newer: str) -> None:
    one, other = parse_machine_type(older), parse_machine_type(newer)
    assert one.is_older_than(other)
    assert not other.is_older_than(one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("pc-q35-7.2", "pc-i440fx-10.0"),
        ("pc-q35-7.2", "pc-q35-rhel9.4.0"),
        ("pc-q35-jammy", "pc-q35-noble-hpb"),
        ("q35", "pc-q35-7.2"),
    ],
)
def test_different_families_have_no_order(one: str, other: str) -> None:
    for left, right in permutations(map(parse_machine_type, (one, other))):
        assert not left.is_older_than(right)


def test_only_upstreams_own_types_tell_what_release_a_build_is_of() -> None:
    names = ("pc-q35-9.2", "pc-q35-9.2+pve1", "pc-q35-rhel9.2.0", "pc-q35-noble", "q35")
    assert [n for n in names if parse_machine_type(n).is_upstream] == ["pc-q35-9.2"]


def test_the_base_of_a_revised_type_is_upstreams() -> None:
    assert parse_machine_type("pc-q35-9.2+pve1").base == "pc-q35-9.2"
    assert parse_machine_type("pc-q35-9.2").base == "pc-q35-9.2"


@given(st.text() | st.from_regex(r"[a-z0-9-]{1,12}(-[a-z]*[0-9.]{1,20})?([+-][a-z0-9]+)?"))
def test_any_text_is_a_name_and_keeps_itself(name: str) -> None:
    found = parse_machine_type(name)
    assert found.name == name
    assert parse_machine_type(found.base).version == found.version
    assert not found.is_older_than(found)


@pytest.mark.parametrize(
    ("name", "release", "found"),
    [
        ("pc-q35-noble", "8.2.2", ("pc-q35-8.2", "pc-q35-9.0", "pc-q35-8.1")),
        ("pc-i440fx-jammy", "6.2.0", ("pc-i440fx-6.2", "pc-i440fx-8.1")),
        ("pc-q35-rhel9.6.0", "9.1.0", ("pc-q35-9.0", "pc-q35-10.0", "pc-q35-8.2")),
        ("pc-q35-9.0+pve1", "9.0.2", ("pc-q35-9.0",)),
        ("pc-q35-11.1", "11.1.3", ("pc-q35-10.0", "pc-q35-9.0")),
        ("pc-q35-2.4", "5.2.0", ("pc-q35-8.1", "pc-q35-8.2")),
        ("virt-9.0", "9.0.0", ()),
        ("nitro", "10.0.0", ()),
    ],
)
def test_nearest_types_are_of_the_same_board_and_release(
    name: str, release: str, found: tuple[str, ...]
) -> None:
    q35 = ("pc-q35-8.1", "pc-q35-8.2", "pc-q35-10.0", "pc-q35-9.0", "pc-q35-questing")
    names = ("none", "q35", *q35, "pc-i440fx-8.1", "pc-i440fx-6.2", "microvm", "pc-q35-9.0-x")
    assert nearest(name, release, names) == found


def test_of_vendors_types_only_the_newest_is_near() -> None:
    names = ("pc-q35-rhel9.4.0", "pc-q35-rhel9.10.0", "pc-q35-rhel9.6.0")
    assert nearest("pc-q35-9.0", "9.0.0", names) == ("pc-q35-rhel9.10.0",)
