"""Sections that exist once a processor, and so go missing together with it."""

from __future__ import annotations

from qcompat.compare.comparison import Comparison
from qcompat.compare.sections import SectionOneSided

PER_PROCESSOR = frozenset({"cpu_common", "cpu", "apic", "kvm-apic", "apic-common", "apic_sipi"})
"""State names registered by processor (cpu-target.c `cpu_exec_realizefn`, target/i386/machine.c,
hw/intc/apic_common.c); the instance id is the processor's index."""


def is_of_missing_processor(difference: SectionOneSided, comparison: Comparison) -> bool:
    """Whether the target lacks this section because it has fewer processors."""
    one, other = comparison.source.cpu, comparison.target.cpu
    if one is None or other is None or one.count <= other.count:
        return False
    return difference.idstr in PER_PROCESSOR and difference.instance_id >= other.count
