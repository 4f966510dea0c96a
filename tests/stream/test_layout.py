"""How a payload falls into leaves."""

from __future__ import annotations

import pytest

from qcompat.errors import StreamError
from qcompat.stream.layout import Leaf, leaves, value
from qcompat.stream.model import FieldDescription, Section, SectionDescription
from tests.stream.conftest import RECORDINGS, recorded


def _section(payload: bytes, *fields: FieldDescription, **more: SectionDescription) -> Section:
    description = SectionDescription("dev", 1, fields, tuple(more.values()))
    return Section("dev", 0, 1, payload, description=description)


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_leaves_of_a_section_are_its_payload(name: str) -> None:
    for section in recorded(name).sections:
        found = leaves(section)
        assert b"".join(leaf.data for leaf in found) == section.payload
        assert all(len(leaf.data) == leaf.size * leaf.count for leaf in found)
        assert all(section.payload[f.offset :].startswith(f.data) for f in found)


def test_the_cpu_section_has_named_registers() -> None:
    stream = recorded("debian-10.0.13-pc-q35-5.2-virtio")
    cpu = next(section for section in stream.sections if section.idstr == "cpu")
    found = {leaf.path: leaf for leaf in leaves(cpu)}
    assert value(found["env.eip"]) == 0xFFF0
    registers = value(found["env.regs"])
    assert isinstance(registers, tuple)
    assert len(registers) == 16
    assert found["env.fpregs[7].tmp.tmp_exp"].type == "uint16"
    assert value(found["<cpu/tsc_khz>"]) == 1  # the version of that subsection


def test_an_array_described_once_and_by_elements_are_alike() -> None:
    once = _section(bytes(8), FieldDescription("a", "uint16", 2, array_len=4))
    single = [FieldDescription("a", "uint16", 2, index=i) for i in range(4)]
    assert leaves(once) == leaves(_section(bytes(8), *single))
    assert leaves(once) == (Leaf("a", "uint16", 2, 4, 0, bytes(8)),)
    assert value(leaves(once)[0]) == (0, 0, 0, 0)


def test_null_pointers_between_structures_keep_their_index() -> None:
    inner = SectionDescription("x", 1, (FieldDescription("n", "uint8", 1),))
    section = _section(
        b"\x07\x30\x30\x09",
        FieldDescription("p", "struct", 1, struct=inner),
        FieldDescription("p", "nullptr", 1, array_len=2),
        FieldDescription("p", "struct", 1, struct=inner),
    )
    found = leaves(section)
    assert [leaf.path for leaf in found] == ["p[0].n", "p[1]", "p[2]", "p[3].n"]
    assert [value(leaf) for leaf in found] == [7, None, None, 9]


def test_a_subsection_follows_the_fields_with_its_version() -> None:
    extra = SectionDescription("dev/extra", 3, (FieldDescription("b", "bool", 1),))
    payload = b"\x2a" + b"\x05\x09dev/extra" + b"\0\0\0\x03" + b"\x01"
    found = leaves(_section(payload, FieldDescription("a", "uint8", 1), extra=extra))
    assert [(leaf.path, value(leaf)) for leaf in found] == [
        ("a", 0x2A),
        ("<dev/extra>", 3),
        ("<dev/extra>.b", True),
    ]


def test_another_subsection_than_described_is_refused() -> None:
    extra = SectionDescription("dev/extra", 1)
    with pytest.raises(StreamError, match="dev/extra"):
        leaves(_section(b"\x05\x09dev/other\0\0\0\x01", extra=extra))


def test_parts_that_do_not_make_the_whole_are_refused() -> None:
    inner = SectionDescription("x", 1, (FieldDescription("n", "uint16", 2),))
    section = _section(bytes(3), FieldDescription("s", "struct", 3, struct=inner))
    with pytest.raises(StreamError, match="2 bytes by its parts, 3 as a whole"):
        leaves(section)


def test_a_payload_longer_than_described_is_refused() -> None:
    with pytest.raises(StreamError, match="1 bytes more"):
        leaves(_section(b"\0\0", FieldDescription("a", "uint8", 1)))


def test_an_array_of_nothing_is_not_counted_out() -> None:
    inner = SectionDescription("x", 1, (FieldDescription("n", "buffer", 0),))
    huge = FieldDescription("s", "struct", 0, array_len=1 << 60, struct=inner)
    assert len(leaves(_section(b"", huge))) == 1


def test_without_a_description_the_payload_is_one_leaf() -> None:
    assert leaves(Section("dev", 0, 1, b"abc")) == (Leaf("", "undescribed", 3, 1, 0, b"abc"),)


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("uint16", b"\xff\xfe", 0xFFFE),
        ("int32", b"\xff\xff\xff\xfe", -2),
        ("int32 le", b"\0\0\0\x02", 2),  # "less or equal", still big-endian
        ("timer", b"\xff" * 8, -1),
        ("bool", b"\x01", True),
        ("uint32 equal", b"\0\0\0\x06", 6),
        ("pci irq state", bytes(16), bytes(16)),
    ],
)
def test_values_by_type(kind: str, data: bytes, expected: object) -> None:
    assert value(Leaf("f", kind, len(data), 1, 0, data)) == expected
