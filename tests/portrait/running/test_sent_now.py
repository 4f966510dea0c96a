"""What a running device sends beyond its twin, found in its bytes."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from qcompat.portrait.running.sent_now import describe_now
from qcompat.stream.layout import leaves
from qcompat.stream.model import FieldDescription, Section, SectionDescription
from tests.stream.conftest import recorded
from tests.stream.virtio.test_gpu import resource

INNER = SectionDescription("serial", 3, (FieldDescription("lcr", "uint8", 1),))
TWIN = SectionDescription(
    "isa-serial",
    3,
    (
        FieldDescription("state", "struct", 1, struct=INNER),
        FieldDescription("irq", "uint32", 4),
    ),
    (SectionDescription("isa-serial/known", 1, (FieldDescription("a", "uint16", 2),)),),
)


def _subsection(name: str, content: bytes, version: int = 1) -> bytes:
    return b"\x05" + bytes([len(name)]) + name.encode() + version.to_bytes(4, "big") + content


def _section(payload: bytes) -> Section:
    return Section("isa-serial", 0, 3, payload)


def _paths(payload: bytes) -> list[str] | None:
    found = describe_now(_section(payload), TWIN)
    if found is None:
        return None
    section = Section("isa-serial", 0, 3, payload, description=found)
    return [leaf.path for leaf in leaves(section)]


PLAIN = b"\x01" + bytes(4)


def test_what_the_twin_sent_is_described_as_there() -> None:
    known = _subsection("isa-serial/known", b"\x00\x07")
    assert _paths(PLAIN + known) == [
        "state.lcr",
        "irq",
        "<isa-serial/known>",
        "<isa-serial/known>.a",
    ]


def test_a_subsection_that_is_not_sent_now_is_left_out() -> None:
    assert _paths(PLAIN) == ["state.lcr", "irq"]


def test_subsections_that_the_twin_never_sent_are_found_and_stay_bytes() -> None:
    more = _subsection("isa-serial/fifo", b"abc\x05\x02xy") + _subsection("isa-serial/timer", b"")
    assert _paths(PLAIN + more) == [
        "state.lcr",
        "irq",
        "<isa-serial/fifo>",
        "<isa-serial/fifo>.content",
        "<isa-serial/timer>",
    ]


def test_bytes_that_are_not_accounted_for_leave_the_section_undescribed() -> None:
    assert _paths(PLAIN + b"x") is None
    assert _paths(PLAIN[:-1]) is None
    assert _paths(PLAIN + _subsection("other/state", b"")) is None


def test_each_element_of_an_array_sends_what_it_needs() -> None:
    drives = FieldDescription("ifs", "struct", 1, array_len=2, struct=INNER)
    bus = SectionDescription("ide_bus", 1, (drives,))
    payload = b"\x01\x02" + _subsection("serial/error", b"e")
    found = describe_now(_section(payload), bus)
    assert found is not None
    section = Section("isa-serial", 0, 3, payload, description=found)
    values = [leaf.data for leaf in leaves(section) if leaf.path.endswith("lcr")]
    assert values == [b"\x01", b"\x02"]


def test_where_an_unknown_subsection_ends_inside_a_state_is_not_guessed() -> None:
    drives = FieldDescription("ifs", "struct", 1, array_len=2, struct=INNER)
    bus = SectionDescription("ide_bus", 1, (drives,))
    payload = b"\x01" + _subsection("serial/error", b"e") + b"\x02"
    assert describe_now(_section(payload), bus) is None


def test_the_images_of_a_guest_are_as_long_as_they_are_now() -> None:
    twin = _graphics()
    assert twin.description is not None
    plain, (device, own) = twin.payload, leaves(twin)
    images = resource(1, 64, 2, 1) + resource(5, 8, 8, 3)
    now = plain[: device.size] + images + plain[device.size :]
    found = describe_now(msgspec.structs.replace(twin, payload=now), twin.description)
    assert found is not None
    described = msgspec.structs.replace(twin, payload=now, description=found)
    assert [leaf.size for leaf in leaves(described)] == [device.size, own.size + len(images)]


def test_an_image_of_an_unknown_format_leaves_the_section_undescribed() -> None:
    twin = _graphics()
    assert twin.description is not None
    size = leaves(twin)[0].size
    images = resource(1, 64, 2, 1, format_=77)
    now = twin.payload[:size] + images + twin.payload[size:]
    assert describe_now(msgspec.structs.replace(twin, payload=now), twin.description) is None


def _graphics() -> Section:
    """A virtio-gpu of a real build, as its driver has never seen it."""
    sections = recorded("debian-10.0.13-pc-q35-10.0-zoo").sections
    return next(each for each in sections if each.idstr.endswith("/virtio-gpu"))


@given(st.binary(max_size=60))
def test_any_bytes_are_described_whole_or_not_at_all(payload: bytes) -> None:
    found = describe_now(_section(payload), TWIN)
    if found is not None:
        described = Section("isa-serial", 0, 3, payload, description=found)
        assert b"".join(leaf.data for leaf in leaves(described)) == payload
