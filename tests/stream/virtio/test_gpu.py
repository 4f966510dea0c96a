"""The images that a graphics device saved, and the scanouts behind them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.errors import StreamError
from qcompat.stream.cursor import Cursor
from qcompat.stream.fields import fields
from qcompat.stream.layout import Leaf, leaves
from qcompat.stream.model import FieldDescription, Section, SectionDescription
from qcompat.stream.virtio.gpu import RESOURCES, apart, end_of_virtio, read_resources
from tests.stream.conftest import recorded

SCANOUTS = (1).to_bytes(4, "big") * 2 + bytes(40)


def resource(number: int, width: int, height: int, pages: int, format_: int = 2) -> bytes:
    header = b"".join(each.to_bytes(4, "big") for each in (number, width, height, format_, pages))
    return header + bytes(12 * pages) + b"\xee" * (4 * width * height)


def leaf(data: bytes) -> Leaf:
    return Leaf("virtio-gpu", "virtio-gpu", len(data), 1, 100, data)


def test_each_image_ends_where_its_format_says() -> None:
    content = resource(1, 8, 2, 1) + resource(7, 3, 3, 2, format_=134) + bytes(4)
    cursor = Cursor(content + SCANOUTS)
    found = read_resources(cursor)
    assert [(each.number, each.width, each.height, each.pages) for each in found] == [
        (1, 8, 2, 1),
        (7, 3, 3, 2),
    ]
    assert cursor.offset == len(content)


@pytest.mark.parametrize(
    "content",
    [
        resource(1, 8, 2, 1, format_=9) + bytes(4),
        resource(1, 8, 2, 1)[:4] + b"\xff" * 8 + resource(1, 8, 2, 1)[12:],
        resource(1, 8, 2, 1)[:-1],
        resource(1, 8, 2, 1),
        b"\0\0",
    ],
    ids=["no format", "too large", "cut short", "no end", "half a word"],
)
def test_anything_else_is_an_error(content: bytes) -> None:
    with pytest.raises(StreamError):
        read_resources(Cursor(content))


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        parts = apart(leaf(content))
    except StreamError:
        return
    assert b"".join(part.data for part in parts) == content


def test_what_the_target_reads_stands_apart() -> None:
    images = resource(1, 8, 2, 1) + bytes(4)
    parts = apart(leaf(images + SCANOUTS))
    assert [(part.path, part.type, part.offset, part.size) for part in parts] == [
        ("virtio-gpu.resources", RESOURCES, 100, len(images)),
        ("virtio-gpu.enable", "int32", 100 + len(images), 4),
        ("virtio-gpu.max_outputs", "uint32 equal", 104 + len(images), 4),
        ("virtio-gpu.scanout", "buffer", 108 + len(images), 40),
    ]


def test_other_fields_are_left_alone() -> None:
    other = Leaf("a", "uint32", 4, 1, 0, bytes(4))
    assert apart(other) == (other,)


def test_the_state_of_a_real_build_is_taken_apart() -> None:
    section = next(
        each
        for each in recorded("debian-10.0.13-pc-q35-10.0-zoo").sections
        if each.idstr.endswith("/virtio-gpu")
    )
    device, own = leaves(section)
    assert end_of_virtio(section.payload, section.idstr) == device.size
    assert [part.size for part in apart(own)] == [4, 4, 4, 64]


def test_images_are_shown_with_their_size() -> None:
    content = resource(1, 8, 2, 1) + bytes(4) + SCANOUTS
    described = SectionDescription(
        "virtio-gpu", 1, (FieldDescription("virtio-gpu", "virtio-gpu", len(content)),)
    )
    (shown,) = fields(Section("0000:00:02.0/virtio-gpu", 0, 1, content, 0, described))
    assert shown.meaning == "1 resources, 1 scanouts"
    assert shown.parts[0].path == "resource 0"
    assert shown.parts[0].meaning == "8 × 2"
