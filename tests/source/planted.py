"""Mistakes of QEMU's history and of our own, planted into real trees.

Each is two sets of edits of a tree, one that makes the tree of before and one that makes the
change. Only the texts that are replaced are QEMU's; the trees come from Debian.
"""

# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from qcompat.source.lint import PasteEntry

Edits = Mapping[str, tuple[tuple[str, str], ...]]

_MACHINE = "hw/core/machine.c"
_NEW = "static const Property virtio_net_properties[] = {"


class Mistake(NamedTuple):
    """`before` and `after` are edits by file; the rest is what must be found."""

    name: str
    tree: str
    version: str
    before: Edits
    after: Edits
    lint: str
    entries: tuple[PasteEntry, ...] = ()
    table: str = ""


MISTAKES = (
    Mistake(
        "error_mask_of_8_0", "bookworm", "7.2.50", {},
        {"hw/pci/pcie_aer.c": ((
            "    pci_set_long(dev->config + offset + PCI_ERR_UNCOR_SEVER,",
            "    pci_set_long(dev->config + offset + PCI_ERR_UNCOR_MASK,\n"
            "                 PCI_ERR_UNC_SUPPORTED);\n"
            "    pci_set_long(dev->config + offset + PCI_ERR_UNCOR_SEVER,",
        ),)},
        "config_write_changed", (PasteEntry("pci-device", "x-err-uncor-mask", "off"),),
        "hw_compat_7_2 (new)",
    ),
    Mistake(
        "error_mask_guard_lost", "trixie", "9.2.50", {},
        {"hw/pci/pcie_aer.c": (("    if (dev->cap_present & QEMU_PCIE_ERR_UNC_MASK) {", "    {"),)},
        "config_write_changed", (PasteEntry("pci-device", "x-err-uncor-mask", "off"),),
        "hw_compat_9_2",
    ),
    Mistake(
        "num_queues_of_5_2", "bullseye", "5.1.50",
        {"hw/block/virtio-blk.c": (("VIRTIO_BLK_AUTO_NUM_QUEUES),", "1),"),),
         _MACHINE: (('    { "virtio-blk-device", "num-queues", "1"},\n', ""),)},
        {_MACHINE: (('    { "virtio-blk-device", "num-queues", "1"},\n', ""),)},
        "default_changed", (PasteEntry("virtio-blk-device", "num-queues", "1"),), "hw_compat_5_1",
    ),
    Mistake(
        "use_disabled_flag_in_4_1", "bullseye", "4.2.50",
        {"hw/virtio/virtio.c": ((
            '    DEFINE_PROP_BOOL("use-disabled-flag", VirtIODevice, use_disabled_flag, true),\n', "",
        ),), _MACHINE: (('    { "virtio-device", "use-disabled-flag", "false" },\n', ""),)},
        {}, "entry_release_wrong", (PasteEntry("virtio-device", "use-disabled-flag", "false"),),
        "hw_compat_4_2",
    ),
    Mistake(
        "transitional_sibling_forgotten", "bookworm", "7.1.50",
        {"hw/virtio/virtio-rng-pci.c": ((
            '    DEFINE_PROP_UINT32("vectors", VirtIOPCIProxy, nvectors,\n'
            "                       DEV_NVECTORS_UNSPECIFIED),\n", "",
        ),), _MACHINE: (
            ('    { "virtio-rng-pci", "vectors", "0" },\n', ""),
            ('    { "virtio-rng-pci-transitional", "vectors", "0" },\n', ""),
            ('    { "virtio-rng-pci-non-transitional", "vectors", "0" },\n', ""),
        )},
        {_MACHINE: (
            ('    { "virtio-rng-pci-transitional", "vectors", "0" },\n', ""),
            ('    { "virtio-rng-pci-non-transitional", "vectors", "0" },\n', ""),
        )},
        "entry_sibling_missing",
        (PasteEntry("virtio-rng-pci-non-transitional", "vectors", "0"),
         PasteEntry("virtio-rng-pci-transitional", "vectors", "0")), "hw_compat_7_1",
    ),
    Mistake(
        "aw_bits_one_release_early", "trixie", "9.1.50",
        {"hw/i386/intel_iommu.c": (("VTD_HOST_ADDRESS_WIDTH),", "VTD_HOST_AW_39BIT),"),),
         "hw/i386/pc.c": (('    { TYPE_INTEL_IOMMU_DEVICE, "aw-bits", "39" },\n', ""),)},
        {"hw/i386/pc.c": (
            ('    { TYPE_INTEL_IOMMU_DEVICE, "aw-bits", "39" },\n', ""),
            ("GlobalProperty pc_compat_9_0[] = {\n",
             'GlobalProperty pc_compat_9_0[] = {\n    { TYPE_INTEL_IOMMU_DEVICE, "aw-bits", "39" },\n'),
        )},
        "entry_release_wrong", (PasteEntry("intel-iommu", "aw-bits", "39"),), "pc_compat_9_1",
    ),
    Mistake(
        "field_without_version", "trixie", "10.0.50", {},
        {"hw/net/e1000.c": (("        VMSTATE_UINT32(rxbuf_size, E1000State),\n",
                              "        VMSTATE_UINT32(rxbuf_size, E1000State),\n"
                              "        VMSTATE_UINT32(rxbuf_more, E1000State),\n"),)},
        "vmstate_field_added",
    ),
    Mistake(
        "field_removed", "trixie", "10.0.50", {},
        {"hw/net/e1000.c": (("        VMSTATE_UINT32(rxbuf_size, E1000State),\n", ""),)},
        "vmstate_field_removed",
    ),
    Mistake(
        "field_resized", "trixie", "10.0.50", {},
        {"hw/net/e1000.c": (("VMSTATE_UINT32(rxbuf_size", "VMSTATE_UINT64(rxbuf_size"),)},
        "vmstate_field_resized",
    ),
    Mistake(
        "feature_on_without_entry", "trixie", "9.2.50",
        {"hw/net/virtio-net.c": (("VIRTIO_NET_F_GUEST_USO6, true)", "VIRTIO_NET_F_GUEST_USO6, false)"),)},
        {}, "default_changed", (PasteEntry("virtio-net-device", "guest_uso6", "off"),),
        "hw_compat_9_2",
    ),
    Mistake(
        "entry_deleted", "trixie", "10.0.50", {},
        {_MACHINE: (('    { TYPE_PCI_DEVICE, "x-pcie-ext-tag", "false" },\n', ""),)},
        "entry_removed", (PasteEntry("pci-device", "x-pcie-ext-tag", "off"),), "hw_compat_9_1",
    ),
    Mistake(
        "entry_of_a_type_that_is_misspelt", "trixie", "10.0.50", {},
        {_MACHINE: (('    { TYPE_PCI_DEVICE, "x-pcie-ext-tag", "false" },\n',
                     '    { TYPE_PCI_DEVICE, "x-pcie-ext-tag", "false" },\n'
                     '    { "virtio-nett-device", "host_uso", "off" },\n'),)},
        "entry_driver_missing",
    ),
    Mistake(
        "entry_of_a_property_that_is_misspelt", "trixie", "10.0.50", {},
        {_MACHINE: (('    { TYPE_PCI_DEVICE, "x-pcie-ext-tag", "false" },\n',
                     '    { TYPE_PCI_DEVICE, "x-pcie-ext-tag", "false" },\n'
                     '    { "virtio-net-device", "host_usso", "off" },\n'),)},
        "entry_property_missing",
    ),
    Mistake(
        "late_entry", "trixie", "10.0.50", {},
        {_MACHINE: (('    { TYPE_PCI_DEVICE, "x-pcie-ext-tag", "false" },\n',
                     '    { TYPE_PCI_DEVICE, "x-pcie-ext-tag", "false" },\n'
                     '    { "virtio-net-device", "host_uso", "off" },\n'),)},
        "entry_added_late",
    ),
    Mistake(
        "subsection_always_sent", "trixie", "10.0.50", {},
        {"hw/net/e1000.c": (("    .needed = e1000_tso_state_needed,\n", ""),)},
        "vmstate_needed_uncontrolled",
    ),
    Mistake(
        "version_raised", "trixie", "10.0.50", {},
        {"hw/net/e1000.c": (('    .name = "e1000",\n    .version_id = 2,', '    .name = "e1000",\n    .version_id = 3,'),)},
        "vmstate_version_raised",
    ),
    Mistake(
        "new_switch_that_is_on", "trixie", "9.2.50", {},
        {"hw/net/virtio-net.c": ((_NEW, f'{_NEW}\n    DEFINE_PROP_BOOL("x-fast", VirtIONet, fast, true),'),)},
        "property_added", (PasteEntry("virtio-net-device", "x-fast", "off"),), "hw_compat_9_2",
    ),
)  # fmt: skip
