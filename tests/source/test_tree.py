"""What is read from source, and how it is linked."""

from __future__ import annotations

import pytest

from qcompat.source.read import read_file
from tests.source.samples import SOURCES, edited, make_tree

_MACRO = """#define LAMP_COMMON(_s) DEFINE_PROP_BOOL("late", _s, late, true), \\
    DEFINE_PROP_UINT8("n", _s, n, 3)
"""
_OWN = """    static GlobalProperty compat[] = {
        { "lamp", "label", "x" },
    };
    compat_props_add(m->compat_props, compat, G_N_ELEMENTS(compat));
"""


def test_default_of_a_constant_is_its_value() -> None:
    owner, found = make_tree().types.properties("lamp")["queues"]
    assert (owner, found.default, found.place.file) == ("lamp-base", "4", "hw/misc/lamp.c")
    assert (
        SOURCES["hw/misc/lamp.c"]
        .splitlines()[found.place.line - 1]
        .strip()
        .startswith('DEFINE_PROP_UINT16("queues"')
    )


@pytest.mark.parametrize(
    ("spelled", "default"),
    [
        ("1 << 3", "8"), ("4 * KiB", "4096"), ("0x10ULL", "16"), ("-1", "65535"),
        ("UINT16_MAX", "65535"), ("(uint16_t)7", "7"), ("unknown_name", None),
    ],
)  # fmt: skip
def test_default_is_evaluated_where_it_is_constant(spelled: str, default: str | None) -> None:
    tree = make_tree(edited(("queues, LAMP_QUEUES", f"queues, {spelled}")))
    assert tree.types.properties("lamp")["queues"][1].default == default


def test_property_macros_are_expanded() -> None:
    tree = make_tree(
        edited(
            ("#define LAMP_QUEUES", f"{_MACRO}#define LAMP_QUEUES"),
            ("lamp_properties[] = {", "lamp_properties[] = {\n    LAMP_COMMON(LampState),"),
        )
    )
    found = tree.types.properties("lamp")
    assert (found["late"][1].default, found["n"][1].default) == ("on", "3")


def test_condition_of_a_property_is_kept() -> None:
    line = '    DEFINE_PROP_STRING("label", LampState, label),\n'
    tree = make_tree(edited((line, f"#ifdef CONFIG_LABEL\n{line}#endif\n")))
    assert tree.types.properties("lamp")["label"][1].condition == "CONFIG_LABEL"
    assert tree.types.properties("lamp")["pm"][1].condition == ""


def test_machine_type_applies_newest_tables_first() -> None:
    machine = make_tree().machines.all["pc-q35-7.2"]
    assert [table.name for table in machine.tables] == ["hw_compat_8_0", "hw_compat_7_2"]
    assert machine.tables[0].rows[0].driver == "lamp-base"
    assert machine.tables[0].release == (8, 0)


def test_own_table_of_a_machine_type_is_found_in_its_function() -> None:
    call = "    pc_q35_machine_8_0_options(m);\n"
    tree = make_tree(edited((call, call + _OWN)))
    tables = tree.machines.all["pc-q35-7.2"].tables
    assert [table.name for table in tables] == ["hw_compat_8_0", "compat", "hw_compat_7_2"]
    assert "compat" not in [table.name for table in tree.machines.all["pc-q35-8.0"].tables]


def test_virtio_pci_description_makes_its_siblings() -> None:
    text = """
static const VirtioPCIDeviceTypeInfo virtio_lamp_pci_info = {
    .base_name             = "virtio-lamp-pci-base",
    .generic_name          = "virtio-lamp-pci",
    .transitional_name     = "virtio-lamp-pci-transitional",
    .non_transitional_name = "virtio-lamp-pci-non-transitional",
    .class_init    = lamp_class_init,
};
"""
    tree = make_tree({**SOURCES, "hw/virtio/lamp-pci.c": text})
    assert tree.types.all["virtio-lamp-pci-transitional"].parent == "virtio-lamp-pci-base"
    assert "queues" in tree.types.properties("virtio-lamp-pci-non-transitional")


def test_fields_versions_and_subsections_are_read() -> None:
    found = make_tree().descriptions["hw/misc/lamp.c", "vmstate_lamp"]
    assert [item.macro for item in found.fields] == [
        "VMSTATE_PCI_DEVICE", "VMSTATE_UINT32", "VMSTATE_UINT32",
    ]  # fmt: skip
    assert (found.version, found.subsections) == ("1", ("vmstate_lamp_dim",))


def test_write_to_configuration_knows_its_guards() -> None:
    writes = read_file(SOURCES["hw/misc/lamp.c"].encode()).writes
    assert [(write.call, write.guards) for write in writes] == [
        ("pci_set_word", ()),
        ("pci_set_long", ("(s->has_pm)",)),
    ]


def test_what_cannot_be_followed_is_named() -> None:
    tree = make_tree(edited(('        .name = "lamp-tall",', "        .name = names[i].text,")))
    assert [(each.what, each.why) for each in tree.unfollowed] == [
        ("the type names[i].text", "its name is computed")
    ]
    assert "lamp" in tree.types.all


def test_comment_says_that_a_change_is_intended() -> None:
    text = "/* compat: intended: boards have no versions */\nint a;\n" + SOURCES["hw/misc/lamp.c"]
    assert read_file(text.encode()).intended == {1: "boards have no versions"}
