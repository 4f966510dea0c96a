"""Fields are matched by position; subsections by name; values as far as positions fit."""

from __future__ import annotations

from collections.abc import Iterable

from qcompat.compare.stream.layout import FieldDiffers, LayoutDiffers, compare_contents
from qcompat.compare.stream.sections import (
    SectionPair,
    SubsectionOneSided,
    SubsectionVersionDiffers,
)
from qcompat.stream.model import FieldDescription, Section, SectionDescription
from tests.stream.virtio.test_gpu import resource

Field = tuple[str, str, bytes]


def description(
    name: str, fields: Iterable[Field], *subsections: SectionDescription, version: int = 1
) -> SectionDescription:
    described = tuple(FieldDescription(n, kind, len(data)) for n, kind, data in fields)
    return SectionDescription(name, version, described, subsections)


def section(fields: list[Field], subsection: tuple[str, int, list[Field]] | None = None) -> Section:
    payload = b"".join(data for _, _, data in fields)
    nested: list[SectionDescription] = []
    if subsection is not None:
        name, version, inner = subsection
        payload += bytes([5, len(name)]) + name.encode() + version.to_bytes(4, "big")
        payload += b"".join(data for _, _, data in inner)
        nested.append(description(name, inner, version=version))
    return Section("dev", 0, 1, payload, 0, description("dev", fields, *nested))


def test_renamed_field_is_no_difference() -> None:
    pair = SectionPair(
        section([("old", "uint32", b"\0\0\0\1")]), section([("new", "int32", b"\0\0\0\1")])
    )
    assert list(compare_contents(pair)) == []


def test_changed_value_is_found_at_its_position() -> None:
    one = section([("a", "uint8", b"\1"), ("b", "uint8", b"\2")])
    other = section([("x", "uint8", b"\1"), ("y", "uint8", b"\3")])
    (difference,) = compare_contents(SectionPair(one, other))
    assert isinstance(difference, FieldDiffers)
    assert (difference.source.path, difference.target.path) == ("b", "y")


def test_added_field_is_a_layout_difference_at_its_position() -> None:
    one = section([("a", "uint8", b"\1")])
    other = section([("a", "uint8", b"\1"), ("b", "uint16", b"\0\2")])
    (difference,) = compare_contents(SectionPair(one, other))
    assert isinstance(difference, LayoutDiffers)
    assert difference.position == 1


def test_values_before_a_misfit_are_compared_still() -> None:
    one = section([("n", "uint8", b"\1"), ("a", "uint8", b"\1")])
    other = section([("n", "uint8", b"\2"), ("a", "uint16", b"\0\1")])
    kinds = [type(each) for each in compare_contents(SectionPair(one, other))]
    assert kinds == [LayoutDiffers, FieldDiffers]


def test_subsection_of_one_end_does_not_shift_the_rest() -> None:
    one = section([("a", "uint8", b"\1")], ("dev/more", 1, [("m", "uint8", b"\7")]))
    other = section([("a", "uint8", b"\1")])
    (difference,) = compare_contents(SectionPair(one, other))
    assert isinstance(difference, SubsectionOneSided)
    assert (difference.name, bool(difference.source), bool(difference.target)) == (
        "dev/more",
        True,
        False,
    )


def test_subsection_in_another_version_is_found() -> None:
    one = section([("a", "uint8", b"\1")], ("dev/more", 2, [("m", "uint8", b"\7")]))
    other = section([("a", "uint8", b"\1")], ("dev/more", 1, [("m", "uint8", b"\7")]))
    (difference,) = compare_contents(SectionPair(one, other))
    assert isinstance(difference, SubsectionVersionDiffers)
    assert (difference.source, difference.target) == (2, 1)


def test_images_on_a_screen_are_the_guests_own_and_outputs_are_not() -> None:
    def graphics(images: bytes, outputs: int) -> Section:
        scanouts = (1).to_bytes(4, "big") + outputs.to_bytes(4, "big") + bytes(40)
        return section([("virtio-gpu", "virtio-gpu", images + bytes(4) + scanouts)])

    own = graphics(b"", 1)
    (image,) = compare_contents(SectionPair(graphics(resource(1, 8, 2, 1), 1), own))
    assert isinstance(image, FieldDiffers)
    found = list(compare_contents(SectionPair(graphics(resource(1, 8, 2, 1), 2), own)))
    assert all(isinstance(each, FieldDiffers) for each in found)
    assert [each.source.type for each in found if isinstance(each, FieldDiffers)] == [
        "virtio-gpu resources",
        "uint32 equal",
    ]


def test_what_a_drive_sends_once_its_guest_asked_it_shifts_nothing() -> None:
    def drive(asked: bool, ports: bytes) -> Section:
        data = [("d.identify_data", "buffer", b"i" * 512)] if asked else []
        flag = ("d.identify_set", "int32", b"\0\0\0" + bytes([asked]))
        return section([flag, *data, ("ports", "uint32 equal", ports)])

    found = compare_contents(SectionPair(drive(True, b"\0\0\0\6"), drive(False, b"\0\0\0\4")))
    changed = [each for each in found if isinstance(each, FieldDiffers)]
    assert [each.source.path for each in changed] == ["d.identify_set", "ports"]
    lost = section([("d.identify_data", "buffer", b"i" * 512), ("ports", "uint32", bytes(4))])
    (misfit,) = compare_contents(SectionPair(lost, section([("ports", "uint32", bytes(4))])))
    assert isinstance(misfit, LayoutDiffers)
