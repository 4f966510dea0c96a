"""The source sends a section that the target does not know.

Fatal: `Unknown savevm section or instance '…' N` (migration/savevm.c `find_se`,
`qemu_loadvm_section_start_full`). Two exceptions: the target also knows a state that it sends
only when it is needed (`conditional_states.toml`), and surplus processors are found by
`cpu_missing_on_target`.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.compare.comparison import Comparison
from qcompat.compare.stream.sections import SectionOneSided
from qcompat.remedy.device_line import own_line
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.section.states import is_known_but_unsent
from qcompat.rules.subject import address_of, owner_of, state_of, subject_of

RULE = Rule(
    id="section_missing_on_target",
    stage="sections",
    position=1,
    says={
        "": "The target refuses the stream: the source sends the state {state}, which the target "
        "does not know",
        "moved": "The target refuses the stream: the source sends the state {state} as {sent}, "
        "the target has it as {moved}",
        "no device": "The target refuses the stream: it has no device at {address}, whose state "
        "{state} the source sends",
    },
    explains=(
        "section_missing_on_target",
        "pci_function_missing_on_target",
        "device_missing_on_target",
        "ram_block_missing_on_target",
    ),
    foretells=("unknown section",),
)


def find(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.of(SectionOneSided):
        if difference.source is None or is_of_missing_processor(difference, comparison):
            continue
        if not is_known_but_unsent(comparison.target, difference.idstr):
            yield _finding(difference, comparison)


def _finding(difference: SectionOneSided, comparison: Comparison) -> Finding:
    moved = _elsewhere(difference, comparison)
    address = address_of(difference.idstr)
    return Finding(
        rule=RULE.id,
        promise="loads",
        certainty="certain",
        subject=subject_of(comparison.source, difference.idstr),
        case=_case(address, comparison, moved),
        args={
            "state": state_of(difference.idstr),
            "address": address,
            "sent": _called(difference),
            "moved": moved or "",
        },
        evidence=(Evidence("state section", _called(difference), moved),),
        remedy=_remedy(comparison, address) if moved and address else None,
    )


def _remedy(comparison: Comparison, address: str) -> str | None:
    owner = owner_of(comparison.source, address)
    place = (("addr", address[-4:]),)
    return own_line(comparison.source, owner, place) if owner else None


def _case(address: str, comparison: Comparison, moved: str | None) -> str:
    if moved:
        return "moved"
    return "no device" if address and owner_of(comparison.target, address) is None else ""


def _elsewhere(difference: SectionOneSided, comparison: Comparison) -> str | None:
    """Where the target has a state of this name that the source does not send there."""
    state = state_of(difference.idstr)
    for other in comparison.of(SectionOneSided):
        if other.target is not None and state_of(other.idstr) == state:
            return _called(other)
    return None


def _called(difference: SectionOneSided) -> str:
    return f"{difference.idstr} (instance {difference.instance_id})"


PER_PROCESSOR = frozenset({"cpu_common", "cpu", "apic", "kvm-apic", "apic-common", "apic_sipi"})
"""State names registered by processor (cpu-target.c `cpu_exec_realizefn`, target/i386/machine.c,
hw/intc/apic_common.c); the instance id is the processor's index."""


def is_of_missing_processor(difference: SectionOneSided, comparison: Comparison) -> bool:
    """Whether the target lacks this section because it has fewer processors."""
    one, other = comparison.source.cpu, comparison.target.cpu
    if one is None or other is None or one.count <= other.count:
        return False
    return difference.idstr in PER_PROCESSOR and difference.instance_id >= other.count
