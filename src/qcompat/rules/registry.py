"""All rules, in the order in which QEMU would come upon what they find.

A rule is a module of this package whose `RULE` is its file name and whose `find` turns a
comparison into findings for one direction. A new rule is one file and one line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from qcompat.compare.comparison import Comparison
from qcompat.rules.advisories import known_break_unproven
from qcompat.rules.cpu import (
    cpu_added_on_target,
    cpu_feature_added_on_target,
    cpu_feature_missing_on_target,
    cpu_identity_changed,
    cpu_missing_on_target,
    cpu_type_changed,
)
from qcompat.rules.device import device_added_on_target, device_missing_on_target, property_changed
from qcompat.rules.finding import Finding
from qcompat.rules.firmware import (
    acpi_table_changed,
    firmware_file_changed,
    memory_map_changed,
    smbios_structure_changed,
)
from qcompat.rules.guest import (
    argument_changed,
    configuration_changed,
    guest_missing_on_source,
    guest_missing_on_target,
    machine_type_changed,
    own_state_unproven_on_target,
    state_missing_on_source,
    state_missing_on_target,
    state_unproven_on_target,
)
from qcompat.rules.host import (
    host_cpu_feature_added_on_target,
    host_cpu_feature_missing_on_target,
    host_cpu_unproven,
    host_cpu_value_changed,
    host_feature_added_on_target,
    host_feature_missing_on_target,
    host_feature_unproven,
    host_tap_missing_on_target,
)
from qcompat.rules.memory import (
    ram_block_missing_on_source,
    ram_block_missing_on_target,
    ram_block_size_changed,
)
from qcompat.rules.pci import (
    bar_changed,
    pci_config_size_changed,
    pci_function_added_on_target,
    pci_function_missing_on_target,
    pci_read_changed,
    pci_register_changed,
    pci_unchecked_register_changed,
)
from qcompat.rules.section import (
    checked_value_changed,
    field_layout_changed,
    section_missing_on_source,
    section_missing_on_target,
    section_unproven,
    section_version_lowered,
    section_version_raised,
    subsection_missing_on_source,
    subsection_missing_on_target,
    subsection_unproven_on_target,
)
from qcompat.rules.virtio import (
    agreed_feature_missing_on_target,
    queue_count_exceeded_on_target,
    queue_size_changed,
    queue_size_exceeded_on_target,
    virtio_config_changed,
    virtio_feature_added_on_target,
    virtio_feature_missing_on_target,
    virtio_state_changed,
)

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
        host_tap_missing_on_target,
        host_feature_missing_on_target,
        host_feature_unproven,
        host_cpu_feature_missing_on_target,
        host_cpu_unproven,
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
        host_feature_added_on_target,
        host_cpu_feature_added_on_target,
        host_cpu_value_changed,
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
