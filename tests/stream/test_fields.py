"""Fields with decoded values: every recording to the last byte, and damaged ones in bounds."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcompat.errors import StreamError
from qcompat.stream.fields import Field, fields
from qcompat.stream.layout import leaves, value
from qcompat.stream.model import FieldDescription, Section, SectionDescription
from tests.stream.conftest import RECORDINGS, recorded, recording

from .decode.parts import WHOLE, assert_covered, every, part

BOOTED = "debian-7.2.22-pc-q35-7.2-booted"
VIRTIO = "debian-11.1.3-pc-q35-5.2-virtio"


def section(name: str, idstr: str) -> Section:
    return next(each for each in recorded(name).sections if each.idstr == idstr)


def named(name: str, idstr: str) -> dict[str, Field]:
    return {each.path: each for each in fields(section(name, idstr))}


def plain(kind: str, payload: bytes, vmsd_name: str = "dev", path: str = "f") -> Field:
    """The only field of a section that is described as one value of that type."""
    described = SectionDescription(vmsd_name, 1, (FieldDescription(path, kind, len(payload)),))
    return fields(Section("dev", 0, 1, payload, 1000, described))[0]


@pytest.mark.parametrize("name", RECORDINGS)
def test_fields_are_the_leaves_of_a_section(name: str) -> None:
    for each in recorded(name).sections:
        assert [(found.path, found.type) for found in fields(each)] == [
            (leaf.path, leaf.type) for leaf in leaves(each)
        ]


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_part_lies_in_the_file_where_it_says(name: str) -> None:
    data = recording(name)
    for each in recorded(name).sections:
        for field in fields(each):
            assert_covered(field)
            for found in every(field):
                raw = data[found.offset : found.offset + found.size * found.count]
                assert len(raw) == found.size * found.count
                assert found.value == raw or not isinstance(found.value, bytes)


@pytest.mark.parametrize("name", RECORDINGS)
def test_opaque_blobs_of_real_streams_are_taken_apart(name: str) -> None:
    for each in recorded(name).sections:
        for field in fields(each):
            if field.type in WHOLE:
                assert field.parts and not field.is_opaque, (each.idstr, field.meaning)


def test_a_section_without_a_description_is_one_opaque_field() -> None:
    (found,) = fields(Section("dev", 0, 1, b"abc", 7))
    assert found == Field("", "undescribed", 7, 3, value=b"abc", is_opaque=True)


def test_the_registers_of_a_processor_have_names() -> None:
    found = named(BOOTED, "cpu")
    assert found["env.eip"].meaning == "RIP: 0x7c00"
    assert found["env.eflags"].meaning == "RFLAGS: IOPL 0, reserved 1, IF"
    assert found["env.cr[0]"].meaning == "CR0: ET"
    assert found["env.efer"].meaning == "MSR EFER: none"
    assert found["env.segs[1].limit"].meaning == "CS limit: 0xffff"
    assert [each.path for each in found["env.regs"].parts][:4] == ["RAX", "RCX", "RDX", "RBX"]
    assert found["env.regs"].parts[4].value == 0x6F04


def test_registers_of_subsections_are_found_too() -> None:
    assert named(BOOTED, "cpu")["<cpu/tsc_khz>.env.tsc_khz"].meaning.startswith("frequency")


@pytest.mark.parametrize("build", ["5.2.0", "11.1.3"])
def test_the_state_of_the_machine_is_text(build: str) -> None:
    found = named(f"debian-{build}-pc-q35-5.2-virtio", "globalstate")["runstate"]
    assert found.meaning == "state of the machine: prelaunch"
    assert not found.is_opaque


def test_clocks_are_in_seconds() -> None:
    found = named(BOOTED, "apic")
    assert found["initial_count_load_time"].meaning == "timer started: 9.020064342 s"
    assert found["timer_expiry"].meaning == "timer expires: never"
    assert [each.path for each in found["lvt"].parts][-1] == "error"


@pytest.mark.parametrize(
    ("kind", "payload", "expected", "meaning"),
    [
        ("timer", b"\xff" * 8, -1, "never"),
        ("timer", (1_500_000_000).to_bytes(8, "big"), 1_500_000_000, "1.500000000 s"),
        ("bitmap", b"\0" * 7 + b"\x8d", b"\0" * 7 + b"\x8d", "0, 2-3, 7"),
        ("unused_buffer", b"\0\1", b"\0\1", "unused"),
        ("nullptr", b"0", None, "null pointer"),
        ("struct", b"0", b"0", "null pointer"),
        ("qtailq", b"\0", b"\0", "empty"),
        ("gtree", bytes(5), bytes(5), "empty"),
        ("int16", b"\xff\xfe", -2, ""),
        ("cpsr", b"\0\0\x01\xd3", 0x1D3, ""),
        ("powered_off", b"\x01", True, ""),
        ("CPU_Double_U", b"\x3f\xf0" + bytes(6), 0x3FF0000000000000, ""),
    ],
)
def test_plain_values(kind: str, payload: bytes, expected: object, meaning: str) -> None:
    found = plain(kind, payload)
    assert (found.value, found.meaning, found.is_opaque) == (expected, meaning, False)


@pytest.mark.parametrize(
    ("kind", "payload", "why"),
    [
        ("buffer", b"abc", ""),
        ("qtailq", b"\1\0", ""),
        ("shpc", b"abcd", ""),
        ("fpr", bytes(16), ""),
        ("pci config", bytes(100), "configuration space of 100 bytes, expected 256 or 4096"),
        ("pci irq state", bytes(12), "levels of 12 bytes, expected 16"),
        ("msix state", bytes(18), "18 bytes are not an MSI-X table"),
        ("virtio", bytes(3), "the selectors of virtio-mmio needs 12 bytes, 3 are left"),
    ],
)
def test_what_is_not_understood_says_so(kind: str, payload: bytes, why: str) -> None:
    found = plain(kind, payload)
    assert found.is_opaque
    assert found.value == payload
    assert why in found.meaning


def test_another_architecture_has_other_names() -> None:
    assert plain("uint64", bytes(8), "cpu", "env.nip").meaning == "NIP: 0x0"
    assert plain("uint64", bytes(8), "cpu", "env.eip").meaning == "RIP: 0x0"
    assert plain("uint64", bytes(8), "cpu", "env.other").meaning == ""


def test_arm_system_registers_are_named_by_their_indices() -> None:
    indices = (0x603000000013C080, 0x603000000013DF19, 0x4020000000000000 | 15 << 16 | 1 << 11)
    payload = b"".join(each.to_bytes(8, "big") for each in indices) + bytes(24)
    described = (
        FieldDescription("cpreg_vmstate_indexes", "uint64", 8, array_len=3),
        FieldDescription("cpreg_vmstate_values", "uint64", 8, array_len=3),
    )
    found = fields(Section("cpu", 0, 1, payload, 0, SectionDescription("cpu", 1, described)))
    assert [each.path for each in found[1].parts] == [
        "SCTLR_EL1",
        "CNTV_CTL_EL0",
        "p15 0 c1 c0 0",
    ]
    assert_covered(found[1])


def test_a_long_array_is_not_counted_out() -> None:
    described = SectionDescription("d", 1, (FieldDescription("a", "uint8", 1, array_len=70_000),))
    (found,) = fields(Section("d", 0, 1, bytes(70_000), 0, described))
    assert (found.value, found.meaning) == (bytes(70_000), "70000 values")


def test_payload_and_description_that_contradict_each_other_are_refused() -> None:
    described = SectionDescription("d", 1, (FieldDescription("a", "uint8", 1),))
    with pytest.raises(StreamError, match="1 bytes more"):
        fields(Section("d", 0, 1, b"ab", 0, described))


@given(st.sampled_from((VIRTIO, BOOTED, "debian-10.0.13-microvm-mmio")), st.data())
@settings(max_examples=150)
def test_damaged_payloads_end_in_parts_or_opaque_fields(name: str, draw: st.DataObject) -> None:
    chosen = draw.draw(st.sampled_from(recorded(name).sections))
    payload = bytearray(chosen.payload)
    for _ in range(draw.draw(st.integers(1, 8))):
        if payload:
            payload[draw.draw(st.integers(0, len(payload) - 1))] = draw.draw(st.integers(0, 255))
    check(msgspec.structs.replace(chosen, payload=bytes(payload)))


@given(st.sampled_from(WHOLE), st.binary(max_size=700), st.sampled_from(["pci", "mmio", "ccw"]))
@settings(max_examples=300)
def test_any_bytes_end_in_parts_or_an_opaque_field(kind: str, data: bytes, bus: str) -> None:
    idstr = {"pci": "0000:00:02.0/x", "mmio": "virtio-mmio@0/x", "ccw": "/fe.0.0001/x"}[bus]
    described = SectionDescription("d", 1, (FieldDescription("f", kind, len(data)),))
    check(Section(idstr, 0, 1, data, 0, described))


def check(damaged: Section) -> None:
    """What must hold of fields, whatever the payload."""
    try:
        found = fields(damaged)
    except StreamError:
        with pytest.raises(StreamError):
            leaves(damaged)
        return
    for field, leaf in zip(found, leaves(damaged), strict=True):
        assert_covered(field)
        assert field.offset == damaged.offset + leaf.offset
        assert field.parts or field.is_opaque or field.type not in WHOLE or not leaf.data
        if field.type not in WHOLE:
            assert field.value in (value(leaf), leaf.data)


def test_parts_of_a_virtio_device_have_their_own_paths() -> None:
    (found,) = fields(section(BOOTED, "0000:00:01.0/virtio-blk"))
    assert part(found, "pci/command").meaning == "I/O, memory, bus master, SERR"
    assert part(found, "queue 0/size").value == 256
