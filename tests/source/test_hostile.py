"""C that is truncated, huge or nested without end: a bounded answer, never a crash."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcompat.source.read import read_file
from tests.source.samples import SOURCES, make_tree

DEVICE = SOURCES["hw/misc/lamp.c"]
_SECONDS = 10


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (DEVICE.encode() + b"// " + b"x" * 10_000_000, "too large"),
        (DEVICE.encode() + b"/* " + b"x" * 300_000 + b" */", "a line is too long"),
        (DEVICE.encode() + b"int a = " + b"(" * 100_000 + b"\n", "nested too deeply"),
        (DEVICE.encode() + b"void f(void)\n" + b"{\n" * 50_000, "nested too deeply"),
        (DEVICE.encode() + b"\0", "binary"),
    ],
)
def test_hostile_file_is_refused_with_its_reason(content: bytes, why: str) -> None:
    start = time.monotonic()
    assert [each.why for each in read_file(content).lost] == [why]
    assert time.monotonic() - start < _SECONDS


def test_one_hostile_file_leaves_the_others() -> None:
    tree = make_tree({**SOURCES, "hw/misc/bad.c": "TypeInfo" + "(" * 10_000})
    assert "lamp" in tree.types.all
    assert [(each.place.file, each.why) for each in tree.unfollowed] == [
        ("hw/misc/bad.c", "nested too deeply")
    ]


def test_truncated_file_gives_what_stands_before_the_cut() -> None:
    cut = DEVICE[: DEVICE.index('DEFINE_PROP_BOOL("pm"')]
    found = read_file(cut.encode())
    assert {each.variable for each in found.descriptions} == {"vmstate_lamp", "vmstate_lamp_dim"}


@settings(max_examples=60)
@given(st.integers(0, len(DEVICE)), st.binary(max_size=40))
def test_reading_is_total(at: int, noise: bytes) -> None:
    read_file(DEVICE[:at].encode() + noise)
    read_file(DEVICE[:at].encode() + noise + DEVICE[at:].encode())


@settings(max_examples=40)
@given(st.text("(){}[],#\"'\\/*\n =.&", max_size=300))
def test_linking_is_total(text: str) -> None:
    tree = make_tree({"hw/x.c": f"static const Property p[] = {{{text}", **SOURCES})
    assert isinstance(tree.unfollowed, tuple)
