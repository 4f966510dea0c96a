"""The tables of names are valid, and refer to what they have."""

from __future__ import annotations

import pytest

from qcompat.stream.decode.sections import Names, Row, element, title
from qcompat.stream.decode.tables import read_table, tables_in

TABLES = sorted(tables_in("sections"))


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_valid(name: str) -> None:
    names = read_table(f"sections/{name}.toml", Names)
    assert names.fields
    for path, row in names.fields.items():
        if isinstance(row, Row):
            assert not row.bits or row.bits in names.bits, path
            assert not row.values or row.values in names.values, path
            assert not row.numbers or row.bits, path
            title(row, (0, 1, 2))
            element(row, 0)


@pytest.mark.parametrize("name", TABLES)
def test_every_flag_and_value_is_used(name: str) -> None:
    names = read_table(f"sections/{name}.toml", Names)
    rows = [row for row in names.fields.values() if isinstance(row, Row)]
    assert set(names.bits) == {row.bits for row in rows if row.bits}
    assert set(names.values) == {row.values for row in rows if row.values}


def test_a_name_of_several_architectures_needs_a_marker() -> None:
    shared = [name for name in TABLES if "." in name]
    assert {read_table(f"sections/{name}.toml", Names).marker for name in shared} == {
        "env.eip",
        "env.xregs",
        "env.nip",
        "env.psw.mask",
    }


def test_fields_are_found_without_subsections_and_indices() -> None:
    names = read_table("sections/cpu.x86.toml", Names)
    assert names.row("<cpu/xss>.env.xss") is not None
    found = names.row("env.segs[3].base")
    assert found is not None
    assert title(*found) == "DS base"
    assert names.row("env.segs[9].base") is not None
    assert names.row("env.unheard[1].of") is None
