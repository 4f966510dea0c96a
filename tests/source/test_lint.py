"""Each lint on one planted defect, and silence where nothing is wrong."""

from __future__ import annotations

import pytest

from qcompat.report.source.sentences import CASES, MEANINGS, sentence
from qcompat.source.lint import LINTS, Finding, PasteEntry, lint
from tests.source.samples import SOURCES, edited, make_tree

_FIELD = "        VMSTATE_UINT32(level, LampState),\n"


def changes(*edits: tuple[str, str]) -> list[Finding]:
    """What a change of the sample tree is found to do, without what is harmless."""
    found = lint(make_tree(edited(*edits)), make_tree())
    return [each for each in found if each.severity != "harmless"]


def only(*edits: tuple[str, str]) -> Finding:
    found = changes(*edits)
    assert len(found) == 1, found
    return found[0]


def test_same_tree_is_silent() -> None:
    assert lint(make_tree(), make_tree()) == ()
    assert lint(make_tree()) == ()


def test_changed_default_gets_the_entry_of_the_newest_shipped_release() -> None:
    found = only(("#define LAMP_QUEUES 4", "#define LAMP_QUEUES 8"))
    assert (found.lint, found.severity, found.before, found.after) == (
        "default_changed", "breaks", "4", "8",
    )  # fmt: skip
    assert (found.table, found.entries) == (
        "hw_compat_8_0",
        (PasteEntry("lamp-base", "queues", "4"),),
    )
    assert found.machines == ("pc-q35-8.0", "pc-q35-7.2")


def test_changed_default_with_its_entry_is_silent() -> None:
    entry = '{ TYPE_LAMP_BASE, "migrate-dim", "off" },'
    assert not changes(
        ("LAMP_QUEUES 4", "LAMP_QUEUES 8"), (entry, entry + '\n    { "lamp-base", "queues", "4" },')
    )


def test_entry_in_an_older_table_is_told_to_move() -> None:
    entry = '{ "lamp-base", "pm", "off" },'
    found = only(
        ("LAMP_QUEUES 4", "LAMP_QUEUES 8"), (entry, entry + '\n    { "lamp-base", "queues", "4" },')
    )
    assert (found.lint, found.table, found.stands_in) == (
        "entry_release_wrong", "hw_compat_8_0", "hw_compat_7_2",
    )  # fmt: skip
    assert found.machines == ("pc-q35-8.0",)


def test_entry_for_one_sibling_names_the_other() -> None:
    entry = '{ TYPE_LAMP_BASE, "migrate-dim", "off" },'
    found = only(
        ("LAMP_QUEUES 4", "LAMP_QUEUES 8"), (entry, entry + '\n    { "lamp", "queues", "4" },')
    )
    assert found.lint == "entry_sibling_missing"
    assert found.entries == (PasteEntry("lamp-tall", "queues", "4"),)


def test_late_entry_is_found() -> None:
    entry = '{ TYPE_LAMP_BASE, "migrate-dim", "off" },'
    found = only((entry, entry + '\n    { "lamp-base", "queues", "1" },'))
    assert (found.lint, found.before, found.after) == ("entry_added_late", "4", "1")


def test_lost_entry_is_found() -> None:
    found = only(('    { "lamp-base", "pm", "off" },\n', ""))
    assert (found.lint, found.machines) == ("entry_removed", ("pc-q35-7.2",))
    assert (found.table, found.entries) == (
        "hw_compat_7_2",
        (PasteEntry("lamp-base", "pm", "off"),),
    )


def test_renamed_constant_is_no_change() -> None:
    assert not changes(
        ("#define LAMP_QUEUES 4", "#define LAMP_MANY (1 << 2)"),
        ("queues, LAMP_QUEUES", "queues, LAMP_MANY"),
    )


def test_release_under_development_is_not_promised() -> None:
    assert only(("LAMP_QUEUES 4", "LAMP_QUEUES 8")).machines == ("pc-q35-8.0", "pc-q35-7.2")
    after = make_tree(edited(("LAMP_QUEUES 4", "LAMP_QUEUES 8")))
    found = lint(after, make_tree(), shipped=(7, 2))
    assert [(each.machines, each.table) for each in found] == [(("pc-q35-7.2",), "hw_compat_7_2")]


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ('    DEFINE_PROP_BOOL("new", LampState, has_new, true),\n', "suspicious"),
        ('    DEFINE_PROP_BOOL("new", LampState, has_new, false),\n', "harmless"),
        ('    DEFINE_PROP_STRING("new", LampState, has_new),\n', "harmless"),
    ],
)
def test_new_property_is_judged_by_its_default(line: str, severity: str) -> None:
    after = edited(("lamp_properties[] = {\n", f"lamp_properties[] = {{\n{line}"))
    found = lint(make_tree(after), make_tree())
    assert [(each.lint, each.severity) for each in found] == [("property_added", severity)]


def test_new_property_with_its_entry_one_release_early() -> None:
    line = '    DEFINE_PROP_BOOL("new", LampState, has_new, true),\n'
    entry = '{ "lamp-base", "pm", "off" },'
    found = only(
        ("lamp_properties[] = {\n", f"lamp_properties[] = {{\n{line}"),
        (entry, entry + '\n    { "lamp-base", "new", "off" },'),
    )
    assert (found.lint, found.reason, found.table, found.machines) == (
        "entry_release_wrong", "new_property", "hw_compat_8_0", ("pc-q35-8.0",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "lint_", "reason"),
    [
        ('{ "lampp", "pm", "off" },', "entry_driver_missing", "no_such_type"),
        ('{ "lamp", "pmm", "off" },', "entry_property_missing", "no_such_property"),
    ],
)
def test_entry_that_names_nothing(entry: str, lint_: str, reason: str) -> None:
    old = '{ "lamp-base", "pm", "off" },'
    found = only((old, f"{old}\n    {entry}"))
    assert (found.lint, found.reason) == (lint_, reason)


_VMSTATE = [
    ((_FIELD, _FIELD + "        VMSTATE_UINT8(more, LampState),\n"), "vmstate_field_added"),
    ((_FIELD, ""), "vmstate_field_removed"),
    (("VMSTATE_UINT32(level", "VMSTATE_UINT64(level"), "vmstate_field_resized"),
    (
        (_FIELD + "        VMSTATE_UINT32(colour, LampState),\n",
         "        VMSTATE_UINT32(colour, LampState),\n" + _FIELD),
        "vmstate_fields_reordered",
    ),
    (
        ('.name = "lamp",\n    .version_id = 1', '.name = "lamp",\n    .version_id = 2'),
        "vmstate_version_raised",
    ),
    (
        ('.name = "lamp",\n    .version_id = 1,\n    .minimum_version_id = 1',
         '.name = "lamp",\n    .version_id = 2,\n    .minimum_version_id = 2'),
        "vmstate_minimum_raised",
    ),
    (("        &vmstate_lamp_dim,\n", ""), "vmstate_subsection_removed"),
    (("    .needed = lamp_dim_needed,\n", ""), "vmstate_needed_uncontrolled"),
    (("return s->migrate_dim;", "return s->level > 1;"), "vmstate_needed_uncontrolled"),
    (("    dc->vmsd = &vmstate_lamp;\n", ""), "vmstate_section_removed"),
    (('.name = "lamp",\n    .version', '.name = "lamp2",\n    .version'), "vmstate_section_renamed"),  # noqa: E501
]  # fmt: skip


@pytest.mark.parametrize(("edit", "name"), _VMSTATE, ids=[name for _, name in _VMSTATE])
def test_changed_state_is_found(edit: tuple[str, str], name: str) -> None:
    found = changes(edit)
    assert name in [each.lint for each in found]


@pytest.mark.parametrize(
    "edit",
    [
        ("VMSTATE_UINT32(level", "VMSTATE_UINT32(brightness"),
        (_FIELD, "        VMSTATE_UNUSED(4),\n"),
        ("VMSTATE_UINT32(level", "VMSTATE_INT32(level"),
    ],
    ids=["renamed", "kept_as_padding", "signed"],
)
def test_what_the_wire_does_not_show_is_silent(edit: tuple[str, str]) -> None:
    assert not changes(edit)


@pytest.mark.parametrize(
    ("needed", "severity"),
    [
        ("return s->migrate_glow;", ""),
        ("return s->glow != 0;", "suspicious"),
        ("return true;", "breaks"),
    ],
)
def test_new_subsection_is_judged_by_what_it_asks(needed: str, severity: str) -> None:
    section = f"""static bool lamp_glow_needed(void *opaque)
{{
    {needed}
}}

static const VMStateDescription vmstate_lamp_glow = {{
    .name = "lamp/glow",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = lamp_glow_needed,
    .fields = (const VMStateField[]) {{
        VMSTATE_UINT8(glow, LampState),
        VMSTATE_END_OF_LIST()
    }},
}};

static const VMStateDescription vmstate_lamp = {{"""
    found = changes(
        ("static const VMStateDescription vmstate_lamp = {", section),
        (
            "        &vmstate_lamp_dim,\n",
            "        &vmstate_lamp_dim,\n        &vmstate_lamp_glow,\n",
        ),
        (
            "lamp_properties[] = {\n",
            "lamp_properties[] = {\n"
            '    DEFINE_PROP_BOOL("glow", LampState, migrate_glow, false),\n',
        ),
    )
    assert [each.severity for each in found] == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ("    pci_set_long(dev->config + LAMP_MASK, 0x10);\n", "breaks"),
        ("    if (s->has_pm) {\n        pci_set_long(dev->config + LAMP_MASK, 0x10);\n    }\n", ""),
    ],
)
def test_new_register_is_found_unless_a_property_decides(line: str, severity: str) -> None:
    start = "    LampState *s = LAMP(dev);\n"
    found = changes((start, start + line))
    assert [(each.lint, each.severity) for each in found] == (
        [("config_write_changed", severity)] if severity else []
    )
    if found:
        assert (found[0].table, found[0].entries) == (
            "hw_compat_8_0", (PasteEntry("lamp-base", "x-lamp-mask", "off"),)
        )  # fmt: skip


def test_entry_whose_property_goes_is_found() -> None:
    found = changes(('    DEFINE_PROP_BOOL("pm", LampState, has_pm, true),\n', ""))
    assert "entry_property_missing" in [each.lint for each in found]


def test_intended_change_keeps_its_reason() -> None:
    line = '    DEFINE_PROP_UINT16("queues", LampState, queues, LAMP_QUEUES),'
    after = edited(
        ("LAMP_QUEUES 4", "LAMP_QUEUES 8"),
        (line, f"    /* compat: intended: never used */\n{line}"),
    )
    found = lint(make_tree(after), make_tree())
    assert [(each.severity, each.intended) for each in found] == [("harmless", "never used")]


def test_device_of_no_versioned_board_is_harmless() -> None:
    def moved(sources: dict[str, str]) -> dict[str, str]:
        return {path.replace("hw/misc", "hw/mips"): text for path, text in sources.items()} | {
            "target/mips/cpu.c": ""
        }

    after = moved(edited(("LAMP_QUEUES 4", "LAMP_QUEUES 8"), (_FIELD, "")))
    found = lint(make_tree(after), make_tree(moved(dict(SOURCES))))
    assert {each.severity for each in found} == {"harmless"}
    assert {each.reason for each in found} == {"no_versioned_machine_type"}


def test_every_lint_and_case_has_its_sentence() -> None:
    assert set(MEANINGS) == set(LINTS)
    assert "(4 before, 8 now)" in sentence(only(("LAMP_QUEUES 4", "LAMP_QUEUES 8")))
    assert all(CASES.values())
