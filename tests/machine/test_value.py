from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.machine.value import NULL, PCI_ADDRESS, are_equal, canonical, kind_of

KINDS = ("", "bool", "int", "uint8", "uint64", "size", "str", "OnOffAuto", PCI_ADDRESS)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
WRITTEN = st.from_regex(r'\A"?(0x[0-9a-f]{1,4}|0\d|-?\d{1,3}|[01]?\d\.\d|2[kMG]|true|yes|off)"?\Z')


@given(JSON | WRITTEN, st.sampled_from(KINDS))
def test_canonical_of_canonical_is_itself(value: object, kind: str) -> None:
    once = canonical(value, kind)
    assert canonical(once, kind) == once


@given(JSON | WRITTEN, st.sampled_from(KINDS))
def test_a_value_equals_its_canonical_form(value: object, kind: str) -> None:
    assert are_equal(value, canonical(value, kind), kind)


@given(st.integers(0, 2**64 - 1))
def test_all_ways_to_write_a_number_are_one(number: int) -> None:
    ways = (number, str(number), hex(number), f"{number} ({number:#x})")
    assert {canonical(way) for way in ways} == {str(number)}
    assert {canonical(way, "uint64") for way in ways} == {str(number)}


@pytest.mark.parametrize(
    ("value", "kind", "form"),
    [
        (True, "", "on"),
        ("false", "", "off"),
        ("yes", "bool", "on"),
        ("n", "bool", "off"),
        ("yes", "", "yes"),
        ("auto", "OnOffAuto", "auto"),
        ("on", "OnOffAuto", "on"),
        ("none", "", "none"),
        ("", "", ""),
        ('""', "str", ""),
        (None, "", NULL),
        ("<null>", "str", NULL),
        ('"52:54:00:12:34:56"', "str", "52:54:00:12:34:56"),
        ("0x0001", "", "1"),
        ("0x1bbc", "uint16", "7100"),
        ("010", "int", "8"),
        ("010", "str", "010"),
        ("1G", "size", str(1 << 30)),
        ("1.5k", "size", "1536"),
        ("1073741824 (1 GiB)", "size", str(1 << 30)),
        ("4k", "", "4k"),
        ("-1", "uint64", str(2**64 - 1)),
        ("-1", "int32", "-1"),
        (16, PCI_ADDRESS, "02.0"),
        ("2", PCI_ADDRESS, "02.0"),
        ("1f.3", PCI_ADDRESS, "1f.3"),
        (-1, PCI_ADDRESS, "-1"),
        ("02.0", "", "02.0"),
        ([], "list", "[]"),
    ],
)
def test_each_writer_s_form_becomes_the_one(value: object, kind: str, form: str) -> None:
    assert canonical(value, kind) == form


def test_an_untyped_size_equals_its_number() -> None:
    assert are_equal("1G", 1 << 30)
    assert not are_equal("1G", 1 << 30, "str")


def test_nothing_empty_and_none_are_three_values() -> None:
    assert len({canonical(value) for value in (None, "", "none")}) == 3


@pytest.mark.parametrize(
    ("default", "kind"), [("on", "bool"), ("16", "int"), ("-1", "int"), ("auto", ""), (None, "")]
)
def test_a_default_shows_its_kind(default: str | None, kind: str) -> None:
    assert kind_of(default) == kind
