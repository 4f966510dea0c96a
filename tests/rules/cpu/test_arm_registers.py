"""System registers of Arm processors: what a target refuses, and what it is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import permutations

import msgspec
import pytest

from qcompat.compare.stream.registers import Registers
from qcompat.portrait.portrait import Portrait
from qcompat.report.finding import summary_text
from qcompat.rules.cpu.arm_registers import (
    keeps_its_value,
    name_of,
    refused_by,
    spelled,
    table,
    unequal,
)
from qcompat.rules.finding import Finding
from qcompat.verdict.judge import judge

Recording = Callable[[str], Portrait]
VERSIONS = ("7.2.22", "10.0.2", "10.0.13", "11.1.3")
BOGUS, LAST = 0x40200000200E0298, 0x603FFFFFFFFFFFFF


def registers(*indexes: int) -> Registers:
    return Registers(dict.fromkeys(indexes, 0))


def forward(source: Portrait, target: Portrait) -> tuple[str, Mapping[str, Finding]]:
    verdict = judge(source, target).forward
    return verdict.verdict, {each.rule: each for each in verdict.findings}


@pytest.mark.parametrize(("source", "target"), tuple(permutations(VERSIONS, 2)))
def test_no_two_of_these_builds_load_each_others_processor(
    recording: Recording, source: str, target: str
) -> None:
    """As real loads of each pair show: the target refuses, and 10.0 ends with 11.1's state."""
    answer, found = forward(recording(f"arm@{source}"), recording(f"arm@{target}"))
    assert answer == "blocked"
    ends = "subsection_part_missing_on_target" in found
    assert ends == ((source, target) in {("11.1.3", "10.0.2"), ("11.1.3", "10.0.13")})


@pytest.mark.parametrize("version", VERSIONS)
def test_a_build_loads_its_own(recording: Recording, version: str) -> None:
    portrait = recording(f"arm@{version}")
    copy = msgspec.msgpack.decode(msgspec.msgpack.encode(portrait), type=Portrait)
    assert judge(portrait, copy).forward.verdict == "ok"


def test_a_stable_update_is_refused_for_a_register_by_name(recording: Recording) -> None:
    _, found = forward(recording("arm@10.0.2"), recording("arm@10.0.13"))
    said = summary_text(found["cpu_register_missing_on_target"])
    assert "BOGUS_DBGDTR_EL0 (p14 3 c0 c5 0)" in said
    assert "no property or machine type changes it" in said


def test_under_kvm_the_list_is_the_kernels(recording: Recording) -> None:
    ends = (recording("arm@10.0.2"), recording("arm@10.0.13"))
    one, other = (msgspec.structs.replace(each, accel="kvm") for each in ends)
    _, found = forward(one, other)
    assert "the host's kernel" in summary_text(found["cpu_register_missing_on_target"])


def test_values_that_kvm_may_keep_are_open(recording: Recording) -> None:
    ends = (recording("arm@7.2.22"), recording("arm@10.0.13"))
    one, other = (msgspec.structs.replace(each, accel="kvm") for each in ends)
    _, found = forward(one, other)
    assert found["cpu_register_value_changed"].undecided


def test_guests_that_are_set_differently_are_not_told_that_no_property_helps(
    recording: Recording,
) -> None:
    _, found = forward(recording("arm-secure@10.0.13"), recording("arm@10.0.13"))
    assert "no property" not in summary_text(found["cpu_register_missing_on_target"])


def test_up_to_10_2_what_comes_behind_the_targets_last_one_is_not_looked_at(
    recording: Recording,
) -> None:
    """Measured by loads of altered streams."""
    own, sent = registers(BOGUS + 1), registers(BOGUS, BOGUS + 1, LAST)
    assert refused_by(recording("arm@10.0.13"), sent, own) == (BOGUS,)
    assert refused_by(recording("arm@11.1.3"), sent, own) == (LAST,)


def test_only_values_of_registers_of_both_ends_are_unequal() -> None:
    assert unequal(Registers({1: 1, 2: 2, 3: 3}), Registers({1: 1, 2: 0, 4: 4})) == (2,)


@pytest.mark.parametrize(
    ("index", "name"),
    [
        (0x603000000013C030, "ID_AA64ISAR0_EL1 (S3_0_C0_C6_0)"),
        (0x40200000200F3A00, "PAR (p15 0 c7 c4 0)"),
        (0x6030000000138FFF, "S2_1_C15_C15_7"),
        (0x6030000000140000, "0x6030000000140000"),
    ],
)
def test_a_register_is_named_as_qemu_names_it_and_by_its_encoding(index: int, name: str) -> None:
    assert name_of(index) == name


def test_identification_keeps_its_value_and_state_does_not() -> None:
    assert keeps_its_value(0x603000000013C030) == "yes"
    assert keeps_its_value(0x603000000013C600) == "part"  # VBAR_EL1: its low bits
    assert keeps_its_value(0x603000000013DE82) == "no"  # TPIDR_EL0
    assert keeps_its_value(LAST) is None


def test_the_tables_keys_are_numbers_as_spelled() -> None:
    keys = {*table().tolerated, *table().names, *table().kept}
    assert {spelled(int(key, 16)) for key in keys} == keys


def test_a_register_that_the_source_does_not_send_is_checked_against_unfilled_memory(
    recording: Recording,
) -> None:
    """Real loads of cortex-a15, where nothing else differs, from 10.0.2 to 11.1.3 are refused."""
    _, found = forward(recording("arm@10.0.2"), recording("arm@11.1.3"))
    finding = found["cpu_register_missing_on_source"]
    assert finding.undecided
    assert "DBGDTR_EL0 (S2_3_C0_C4_0)" in summary_text(finding)
    _, found = forward(recording("arm@7.2.22"), recording("arm@10.0.13"))
    assert not found.get("cpu_register_missing_on_source", finding).evidence[0].source


def test_under_kvm_the_list_is_read_from_the_kernel_first(recording: Recording) -> None:
    ends = (recording("arm@10.0.2"), recording("arm@11.1.3"))
    one, other = (msgspec.structs.replace(each, accel="kvm") for each in ends)
    assert "cpu_register_missing_on_source" not in forward(one, other)[1]
