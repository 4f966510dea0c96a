from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.builds.learn.contents import names_in
from qcompat.builds.learn.elf import Elf
from tests.builds.elf_writer import RELR, write_elf

TEXT = b"\0usual name\0some-hpet\0bad\x01one\0"
BASE = 0x4000


def _place(text: bytes) -> int:
    return BASE + TEXT.index(text)


@pytest.mark.parametrize("order", ["<", ">"])
def test_name_that_is_the_tail_of_another_is_found(order: str, tmp_path: Path) -> None:
    path = tmp_path / "module.so"
    path.write_bytes(write_elf(order, BASE, TEXT, addends=[_place(b"usual"), _place(b"hpet")]))
    assert names_in(path) == {"usual name", "hpet"}


@pytest.mark.parametrize(("fixed", "extra_kind"), [(True, 1), (False, RELR)])
def test_pointers_within_data_are_followed(fixed: bool, extra_kind: int, tmp_path: Path) -> None:
    path = tmp_path / "program"
    data = [_place(b"hpet"), 7]
    path.write_bytes(write_elf("<", BASE, TEXT, data=data, fixed=fixed, extra_kind=extra_kind))
    assert names_in(path) == {"hpet"}


def test_text_that_cannot_be_a_name_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "module.so"
    path.write_bytes(write_elf("<", BASE, TEXT, addends=[_place(b"bad"), BASE + len(TEXT), 3]))
    assert names_in(path) == frozenset()


def test_machine_is_read() -> None:
    assert Elf(write_elf("<", BASE, TEXT)).machine == 0x3E


def test_file_cut_short_anywhere_is_refused_or_read_without_a_crash() -> None:
    whole = write_elf("<", BASE, TEXT, addends=[_place(b"hpet")])
    for length in range(len(whole)):
        try:
            Elf(whole[:length]).pointers()
        except ValueError:
            continue


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_with_a_value_error(content: bytes) -> None:
    for start in (b"", b"\x7fELF\x02\x01"):
        try:
            Elf(start + content)
        except ValueError:
            continue
