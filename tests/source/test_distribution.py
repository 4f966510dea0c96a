"""Machine types and tables that distributions add."""

from __future__ import annotations

from qcompat.source.lint import PasteEntry, lint
from tests.source.samples import edited, make_tree

_TABLES = """
GlobalProperty hw_compat_rhel_9_4[] = {
    { "lamp-base", "migrate-dim", "off" },
};
const size_t hw_compat_rhel_9_4_len = G_N_ELEMENTS(hw_compat_rhel_9_4);
"""
_RHEL = """
static void pc_q35_machine_rhel960_options(MachineClass *m)
{
    m->desc = "RHEL-9.6.0 PC (Q35 + ICH9, 2009)";
}
DEFINE_PC_MACHINE(q35_rhel960, "pc-q35-rhel9.6.0", pc_q35_init_rhel960,
                  pc_q35_machine_rhel960_options);

static void pc_q35_machine_rhel940_options(MachineClass *m)
{
    pc_q35_machine_rhel960_options(m);
    compat_props_add(m->compat_props, hw_compat_rhel_9_4, hw_compat_rhel_9_4_len);
}
DEFINE_PC_MACHINE(q35_rhel940, "pc-q35-rhel9.4.0", pc_q35_init_rhel940,
                  pc_q35_machine_rhel940_options);
"""
_UBUNTU = """
static void pc_q35_machine_jammy_options(MachineClass *m)
{
    pc_q35_machine_7_2_options(m);
    m->desc = "Ubuntu 22.04 PC";
}
DEFINE_PC_MACHINE(jammy, "pc-q35-jammy", pc_q35_init, pc_q35_machine_jammy_options);
"""
_END = "DEFINE_Q35_MACHINE(7, 2);\n"


def _tree(added: str, *edits: tuple[str, str]) -> dict[str, str]:
    sources = edited((_END, _END + added), *edits)
    return {**sources, "hw/core/rhel.c": _TABLES}


def test_rhel_machine_types_apply_their_own_tables() -> None:
    machines = make_tree(_tree(_RHEL)).machines.all
    assert [table.name for table in machines["pc-q35-rhel9.4.0"].tables] == ["hw_compat_rhel_9_4"]


def test_changed_default_is_for_the_table_of_each_line() -> None:
    before, after = _tree(_RHEL), _tree(_RHEL, ("LAMP_QUEUES 4", "LAMP_QUEUES 8"))
    found = next(each for each in lint(make_tree(after), make_tree(before)))
    assert found.entries == (PasteEntry("lamp-base", "queues", "4"),)
    assert "hw_compat_8_0" in found.table
    assert "hw_compat_rhel_9_4" in found.table
    assert "pc-q35-rhel9.4.0" in found.machines


def test_ubuntu_machine_type_has_the_tables_of_the_one_it_builds_on() -> None:
    machines = make_tree(_tree(_UBUNTU)).machines.all
    assert machines["pc-q35-jammy"].tables == machines["pc-q35-7.2"].tables
    before, after = _tree(_UBUNTU), _tree(_UBUNTU, ("LAMP_QUEUES 4", "LAMP_QUEUES 8"))
    found = next(each for each in lint(make_tree(after), make_tree(before)))
    assert "pc-q35-jammy" in found.machines
    assert found.table == "hw_compat_8_0"
