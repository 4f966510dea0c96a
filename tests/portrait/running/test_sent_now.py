"""What a running device sends beyond its twin, found in its bytes."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.builds.facts import StateDescription, StateField
from qcompat.portrait.running.by_build import subsections_in
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


DRIVE = SectionDescription(
    "ide_drive",
    3,
    (FieldDescription("identify_set", "int32", 4), FieldDescription("feature", "uint8", 1)),
)
DRIVES = SectionDescription(
    "ahci", 1, (FieldDescription("ifs", "struct", 5, array_len=2, struct=DRIVE),)
)


def test_a_field_that_a_drive_sends_once_its_guest_asked_it_is_found() -> None:
    fresh, asked = bytes(4) + b"\x01", b"\0\0\0\x01" + b"i" * 512 + b"\x02"
    for payload in (fresh + asked, asked + fresh):
        found = describe_now(_section(payload), DRIVES)
        assert found is not None
        section = msgspec.structs.replace(_section(payload), description=found)
        sizes = {leaf.path: leaf.size for leaf in leaves(section)}
        index = 0 if payload.startswith(asked) else 1
        assert sizes[f"ifs[{index}].identify_data"] == 512
        assert f"ifs[{1 - index}].identify_data" not in sizes


def test_a_subsection_inside_a_state_is_as_long_as_the_build_says() -> None:
    tray = StateDescription(
        "ide_drive/tray_state", 1, 1, (StateField("tray_open", 1), StateField("tray_locked", 1))
    )
    drive = StateDescription("ide_drive", 3, 3, subsections=(tray,))
    own = subsections_in([StateDescription("x", 1, 1, (StateField("y", 1, description=drive),))])
    state = bytes(4) + b"\x01"
    payload = state + _subsection("ide_drive/tray_state", b"\x01\x00") + state
    assert describe_now(_section(payload), DRIVES) is None
    found = describe_now(_section(payload), DRIVES, own)
    assert found is not None
    section = msgspec.structs.replace(_section(payload), description=found)
    assert [leaf.path for leaf in leaves(section) if "tray" in leaf.path] == [
        "ifs[0].<ide_drive/tray_state>",
        "ifs[0].<ide_drive/tray_state>.tray_open",
        "ifs[0].<ide_drive/tray_state>.tray_locked",
    ]
    short = state + _subsection("ide_drive/tray_state", b"\x01") + state
    assert describe_now(_section(short), DRIVES, own) is None


@pytest.mark.parametrize("processors", [1, 2, 4, 8])
def test_as_many_processors_as_fit_are_in_a_subsection_inside_a_state(processors: int) -> None:
    one = StateDescription(
        "CPU hotplug device state", 1, 1, (StateField("on", 1), StateField("ost_event", 4))
    )
    state = StateDescription(
        "CPU hotplug state",
        1,
        1,
        (StateField("selector", 4), StateField("devs", 32, description=one)),
    )
    hot = StateDescription("pm/cpuhp", 1, 1, (StateField("cpuhp_state", 304, description=state),))
    own = subsections_in([StateDescription("pm", 1, 1, subsections=(hot,))])
    pm = SectionDescription("pm", 1, (FieldDescription("smi_en", "uint32", 4),))
    twin = SectionDescription(
        "lpc",
        1,
        (
            FieldDescription("pm", "struct", 4, struct=pm),
            FieldDescription("chip_config", "buffer", 64),
        ),
    )
    content = bytes(4) + bytes(5) * processors
    payload = bytes(4) + _subsection("pm/cpuhp", content) + bytes(64)
    assert describe_now(_section(payload), twin) is None
    found = describe_now(_section(payload), twin, own)
    assert found is not None
    section = msgspec.structs.replace(_section(payload), description=found)
    paths = [leaf.path for leaf in leaves(section) if leaf.path.endswith("ost_event")]
    assert len(paths) == processors
    assert paths[-1].endswith(f"devs[{processors - 1}].ost_event")
    cut = payload[:-1]
    assert describe_now(_section(cut), twin, own) is None


def test_a_name_that_stands_for_two_subsections_says_nothing() -> None:
    one, other = (StateDescription("a/b", 1, 1, (StateField("c", size),)) for size in (1, 2))
    states = [StateDescription("a", 1, 1, subsections=(each,)) for each in (one, other)]
    assert subsections_in(states) == {}
    assert subsections_in(states[:1]) == {"a/b": one}


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
