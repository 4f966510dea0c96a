"""Property texts of `info qtree` as values."""

import pytest

from qcompat.machine.observe.qtree import IDENTITY, own_values, qtree_value, typed_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"efi-virtio.rom"', "efi-virtio.rom"),
        ('""', ""),
        ('"4 (0x4)"', "4 (0x4)"),
        ("true", "on"),
        ("false", "off"),
        ("auto", "auto"),
        ("0x10", "16"),
        ("4 (0x4)", "4"),
        ("-1 (0xffffffffffffffff)", "-1"),
        ("16777216 (16 MiB)", "16777216"),
        ("0 (0 B)", "0"),
        ("18446744073709551615 (16 EiB)", "18446744073709551615"),
        ("4294967295", "4294967295"),
        ("/objects/memory", "/objects/memory"),
        ("", ""),
        ('"', '"'),
    ],
)
def test_a_value_is_the_text_without_its_dress(text: str, value: str) -> None:
    assert qtree_value(text) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "on"), (False, "off"), (7, "7"), ("auto", "auto"), ([], None), (None, None)],
)
def test_typed_values_are_spelled_the_same_way(value: object, text: str | None) -> None:
    assert typed_value(value) == text


def test_what_says_who_a_device_is_and_what_was_given_is_left_out() -> None:
    said = {"addr": "04.0", "index": "1", "mac": "52:54:00:12:34:56", "drive": "disk", "x": "on"}
    assert own_values("isa-serial", said, {"drive"}) == {"x": "on"}
    assert own_values("nvme", said, {"drive"}) == {"index": "1", "x": "on"}


def test_every_exclusion_has_a_reason() -> None:
    assert all(IDENTITY.values())
