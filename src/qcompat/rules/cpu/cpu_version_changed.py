"""A POWER processor of the target has another version than the source's.

A POWER processor sends its version register (PVR). A target whose model is another one refuses it,
unless the guest runs in a compatibility mode that both have (target/ppc/machine.c, cpu_post_load;
pvr_match in target/ppc/cpu_init.c). Names like `power9` stand for another model from one release to
the next: power9_v2.0 up to 8.0, power9_v2.2 later.
"""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.arch.architecture import cpu_model
from qcompat.compare.comparison import Comparison
from qcompat.compare.stream.layout import FieldDiffers
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.subject import subject_of

RULE = Rule(
    id="cpu_version_changed",
    stage="sections",
    position=15,
    says={
        "": "The target refuses the stream: the source's processor has the version register "
        "{sent}, the target's {own}, which is another model, and the guest runs in no "
        "compatibility mode",
        "unknown": "It is not known whether the target takes the guest: its processor has the "
        "version register {own}, the source's {sent}, and the host's KVM decides",
    },
    explains=("cpu_version_changed",),
    foretells=("state",),
    travels=True,
    remedy_at="cpu",
)

_REGISTERS = "env.spr"
_PVR = 287
"""SPR_PVR of target/ppc/cpu.h."""
_PROCESSOR, _SECOND = 0xFFFF0F00, 2


def find(comparison: Comparison) -> Iterator[Finding]:
    is_kvm = comparison.target.accel == "kvm"
    for difference in comparison.of(FieldDiffers):
        if difference.idstr != "cpu" or difference.source.path != _REGISTERS:
            continue
        sent, own = _version(difference.source.data), _version(difference.target.data)
        if _is_one_model(sent, own):
            continue
        yield Finding(
            rule=RULE.id,
            promise="loads",
            certainty="possible" if is_kvm else "certain",
            subject=subject_of(comparison.source, difference.idstr),
            case="unknown" if is_kvm else "",
            args={"sent": f"{sent:#x}", "own": f"{own:#x}"},
            evidence=(Evidence("processor version register", f"{sent:#x}", f"{own:#x}"),),
            remedy=_remedy(comparison),
            undecided=is_kvm,
        )


def _version(data: bytes) -> int:
    return int.from_bytes(data[_PVR * 8 : _PVR * 8 + 8], "big")


def _is_one_model(sent: int, own: int) -> bool:
    """Whether one of QEMU's models is both: the same processor, and of POWER9 the same steppings.

    (ppc_pvr_match_power9 and its like, target/ppc/cpu_init.c: 2.0 and 2.1 are one, 2.2 and 2.3.)
    """
    is_same = sent & _PROCESSOR == own & _PROCESSOR
    return is_same and (sent & 0xF < _SECOND) == (own & 0xF < _SECOND)


def _remedy(comparison: Comparison) -> str | None:
    one, other = comparison.source.cpu, comparison.target.cpu
    if one is None or other is None or one.type == other.type:
        return None
    return f"-cpu {cpu_model(one.type)}"
