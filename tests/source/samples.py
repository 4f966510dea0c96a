"""A small source tree in QEMU's manner, of our own making, to plant one defect at a time."""

from __future__ import annotations

from collections.abc import Mapping

from qcompat.source.read import read_file
from qcompat.source.tree.files import Files
from qcompat.source.tree.tree import Tree

DEVICE = """
#define TYPE_LAMP "lamp"
#define TYPE_LAMP_BASE "lamp-base"
#define LAMP_QUEUES 4

static bool lamp_dim_needed(void *opaque)
{
    LampState *s = opaque;
    return s->migrate_dim;
}

static const VMStateDescription vmstate_lamp_dim = {
    .name = "lamp/dim",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = lamp_dim_needed,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8(dim, LampState),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_lamp = {
    .name = "lamp",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(parent_obj, LampState),
        VMSTATE_UINT32(level, LampState),
        VMSTATE_UINT32(colour, LampState),
        VMSTATE_END_OF_LIST()
    },
    .subsections = (const VMStateDescription * const []) {
        &vmstate_lamp_dim,
        NULL
    }
};

static void lamp_realize(PCIDevice *dev, Error **errp)
{
    LampState *s = LAMP(dev);
    pci_set_word(dev->config + PCI_STATUS, 0);
    if (s->has_pm) {
        pci_set_long(dev->config + LAMP_PM, 1);
    }
}

static const Property lamp_properties[] = {
    DEFINE_PROP_UINT16("queues", LampState, queues, LAMP_QUEUES),
    DEFINE_PROP_BIT("bright", LampState, flags, LAMP_BRIGHT_BIT, true),
    DEFINE_PROP_BOOL("migrate-dim", LampState, migrate_dim, true),
    DEFINE_PROP_BOOL("pm", LampState, has_pm, true),
    DEFINE_PROP_STRING("label", LampState, label),
};

static void lamp_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    device_class_set_props(dc, lamp_properties);
    dc->vmsd = &vmstate_lamp;
}

static const TypeInfo lamp_types[] = {
    {
        .name = TYPE_LAMP_BASE,
        .parent = TYPE_PCI_DEVICE,
        .abstract = true,
        .class_init = lamp_class_init,
    }, {
        .name = TYPE_LAMP,
        .parent = TYPE_LAMP_BASE,
    }, {
        .name = "lamp-tall",
        .parent = TYPE_LAMP_BASE,
    },
};
DEFINE_TYPES(lamp_types)
"""

BASE = """
#define TYPE_DEVICE "device"
#define TYPE_PCI_DEVICE "pci-device"

static const TypeInfo device_info = {
    .name = TYPE_DEVICE,
};
static const TypeInfo pci_info = {
    .name = TYPE_PCI_DEVICE,
    .parent = TYPE_DEVICE,
    .abstract = true,
};
"""

TABLES = """
GlobalProperty hw_compat_8_0[] = {
    { TYPE_LAMP_BASE, "migrate-dim", "off" },
};
const size_t hw_compat_8_0_len = G_N_ELEMENTS(hw_compat_8_0);

GlobalProperty hw_compat_7_2[] = {
    { "lamp-base", "pm", "off" },
};
const size_t hw_compat_7_2_len = G_N_ELEMENTS(hw_compat_7_2);
"""

BOARD = """
#define DEFINE_Q35_MACHINE(major, minor) \\
    DEFINE_PC_VER_MACHINE(pc_q35, "pc-q35", pc_q35_init, major, minor);

static void pc_q35_machine_8_1_options(MachineClass *m)
{
    m->alias = "q35";
}
DEFINE_Q35_MACHINE(8, 1);

static void pc_q35_machine_8_0_options(MachineClass *m)
{
    pc_q35_machine_8_1_options(m);
    compat_props_add(m->compat_props, hw_compat_8_0, hw_compat_8_0_len);
}
DEFINE_Q35_MACHINE(8, 0);

static void pc_q35_machine_7_2_options(MachineClass *m)
{
    pc_q35_machine_8_0_options(m);
    compat_props_add(m->compat_props, hw_compat_7_2, hw_compat_7_2_len);
}
DEFINE_Q35_MACHINE(7, 2);
"""

SOURCES = {
    "hw/misc/lamp.c": DEVICE,
    "hw/core/base.c": BASE,
    "hw/core/machine.c": TABLES,
    "hw/i386/pc_q35.c": BOARD,
}


def make_tree(sources: Mapping[str, str] = SOURCES, version: str = "8.0.50") -> Tree:
    """The sources as a tree."""
    files = {path: read_file(text.encode()) for path, text in sources.items()}
    return Tree(Files(files, version, "tree"))


def edited(*edits: tuple[str, str], sources: Mapping[str, str] = SOURCES) -> dict[str, str]:
    """The sources with each text replaced by another, wherever it stands."""
    changed = dict(sources)
    for old, new in edits:
        hits = [path for path, text in changed.items() if old in text]
        assert hits, old
        changed[hits[0]] = changed[hits[0]].replace(old, new, 1)
    return changed
