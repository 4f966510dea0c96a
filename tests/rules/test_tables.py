"""The tables that rules stand on are valid and complete."""

from __future__ import annotations

from qcompat.rules.cpu.cpuid import words
from qcompat.rules.firmware.noticed import decisions, weight_of
from qcompat.rules.section.checked_value_changed import checked_fields
from qcompat.rules.section.inner_version import states_with_version
from qcompat.rules.section.states import conditional_states
from qcompat.rules.virtio.queues import size_properties
from qcompat.rules.virtio.virtio_state_changed import device_states, known_size, values
from qcompat.stream.decode.virtio.features import named


def test_conditional_states_name_whole_states() -> None:
    assert "globalstate" in conditional_states()
    assert not [name for name in conditional_states() if "/" in name]


def test_checked_fields_are_cited() -> None:
    assert all(field.source.startswith("hw/") for field in checked_fields().values())


def test_states_with_version_are_cited_and_have_sane_ranges() -> None:
    for state in states_with_version().values():
        assert state.source.startswith("hw/")
        assert all(each.first <= each.last for each in state.fields.values())


def test_registers_of_cpuid_have_distinct_names() -> None:
    for word in words().values():
        names = [name for name in word.names.values() if name != "kvmclock"]  # has two bits
        assert len(set(names)) == len(names)
        assert all(0 <= int(bit) < 32 for bit in word.names)


def test_virtio_features_are_named_by_device() -> None:
    assert named(1, 1 << 22 | 1 << 32) == ("mq", "version_1")
    assert named(2, 1 << 12) == ("mq",)
    assert named(99, 1 << 52) == ("bit 52",)


def test_repeated_field_of_a_virtio_state_shifts_what_follows() -> None:
    state = device_states()["virtio-net"]
    head = bytes(18) + (2).to_bytes(4, "big")
    data = head + bytes(12) + bytes(512) + (1).to_bytes(4, "big") + bytes(7)
    assert values(state, data)["vnet header"] == 1
    assert known_size(state, data) == len(data)


def test_queue_properties_belong_to_devices() -> None:
    assert {row.property for row in size_properties()} == {"queue-size", "virtqueue_size"}


def test_what_a_guest_notices_is_decided_once_with_a_reason_and_a_source() -> None:
    kinds = [kind for each in decisions() for kind in each.kinds]
    assert len(set(kinds)) == len(kinds)
    assert all(each.reason and each.source for each in decisions())


def test_only_hardware_that_answers_elsewhere_is_met_by_the_running_guest() -> None:
    assert weight_of("_CRS") == "moved"
    assert weight_of("FACP.pm_timer_block") == "moved"
    assert weight_of("manner of _CRS") == "drift"
    assert weight_of("FACP.flags") == "drift"


def test_an_unknown_change_of_firmware_tables_counts() -> None:
    assert weight_of("_XYZ") == "drift"
    assert weight_of("SMBIOS.System.uuid") == "drift"
    assert weight_of("code of _XYZ") == "note"
    assert weight_of("code of _CRS") == "moved"
    assert weight_of("code of _STA") == "drift"
