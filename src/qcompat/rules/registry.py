"""All rules, in the order in which QEMU would come upon what they find.

A rule is a module of this package whose `RULE` is its file name and whose `find` turns a
comparison into findings for one direction. A new rule is one file and one line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from qcompat.compare.comparison import Comparison
from qcompat.rules import (
    acpi_table_changed,
    agreed_feature_missing_on_target,
    argument_changed,
    bar_changed,
    checked_value_changed,
    configuration_changed,
    cpu_added_on_target,
    cpu_feature_added_on_target,
    cpu_feature_missing_on_target,
    cpu_identity_changed,
    cpu_missing_on_target,
    cpu_type_changed,
    device_added_on_target,
    device_missing_on_target,
    field_layout_changed,
    firmware_file_changed,
    guest_missing_on_source,
    guest_missing_on_target,
    known_break_unproven,
    machine_type_changed,
    memory_map_changed,
    own_state_unproven_on_target,
    pci_config_size_changed,
    pci_function_added_on_target,
    pci_function_missing_on_target,
    pci_read_changed,
    pci_register_changed,
    pci_unchecked_register_changed,
    property_changed,
    queue_count_exceeded_on_target,
    queue_size_changed,
    queue_size_exceeded_on_target,
    ram_block_missing_on_source,
    ram_block_missing_on_target,
    ram_block_size_changed,
    section_missing_on_source,
    section_missing_on_target,
    section_unproven,
    section_version_lowered,
    section_version_raised,
    smbios_structure_changed,
    state_missing_on_source,
    state_missing_on_target,
    state_unproven_on_target,
    subsection_missing_on_source,
    subsection_missing_on_target,
    subsection_unproven_on_target,
    virtio_config_changed,
    virtio_feature_added_on_target,
    virtio_feature_missing_on_target,
    virtio_state_changed,
)
from qcompat.rules.finding import Finding

Find = Callable[[Comparison], Iterator[Finding]]

RULES: tuple[tuple[str, Find], ...] = tuple(
    (module.RULE, module.find)
    for module in (
        guest_missing_on_source,
        guest_missing_on_target,
        state_missing_on_source,
        state_missing_on_target,
        state_unproven_on_target,
        own_state_unproven_on_target,
        machine_type_changed,
        configuration_changed,
        ram_block_missing_on_target,
        ram_block_size_changed,
        section_missing_on_target,
        cpu_missing_on_target,
        section_unproven,
        section_version_raised,
        section_version_lowered,
        field_layout_changed,
        subsection_missing_on_target,
        subsection_unproven_on_target,
        checked_value_changed,
        pci_config_size_changed,
        pci_register_changed,
        virtio_state_changed,
        queue_size_exceeded_on_target,
        queue_count_exceeded_on_target,
        agreed_feature_missing_on_target,
        known_break_unproven,
        cpu_added_on_target,
        cpu_type_changed,
        cpu_feature_missing_on_target,
        cpu_feature_added_on_target,
        cpu_identity_changed,
        pci_function_missing_on_target,
        pci_function_added_on_target,
        pci_read_changed,
        bar_changed,
        queue_size_changed,
        virtio_feature_missing_on_target,
        virtio_feature_added_on_target,
        virtio_config_changed,
        acpi_table_changed,
        smbios_structure_changed,
        memory_map_changed,
        firmware_file_changed,
        device_missing_on_target,
        device_added_on_target,
        section_missing_on_source,
        subsection_missing_on_source,
        ram_block_missing_on_source,
        pci_unchecked_register_changed,
        property_changed,
        argument_changed,
    )
)


def findings_of(comparison: Comparison) -> tuple[Finding, ...]:
    """What all rules find in one direction, in the order of the rules."""
    return tuple(finding for _, find in RULES for finding in find(comparison))
