"""What of a guest only KVM can run, when TCG has to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qcompat.guest.guest import Uncovered
from qcompat.guest.option import Option
from qcompat.guest.stand_ins.replaced import Replaced, each

_HOST = (
    "there is no host processor under TCG: `max` stands in, which is all that a build's TCG can"
    " do, and grows from release to release"
)
_IRQCHIP = "the interrupt controller in the kernel is KVM's: under TCG it is QEMU's own"


def for_tcg(options: Sequence[Option]) -> Replaced:
    """The options as TCG takes them."""
    return each(options, _change)


def _change(option: Option) -> Iterable[Option | Uncovered]:
    if option.name == "cpu" and option.text.partition(",")[0] == "host":
        yield Option("cpu", text="max" + option.text[len("host") :], written=option.written)
        yield Uncovered(option.written or f"-cpu {option.text}", _HOST)
    elif option.name == "machine" and option.has("kernel-irqchip"):
        yield option.without("kernel-irqchip")
        yield Uncovered("-machine kernel-irqchip", _IRQCHIP)
    else:
        yield option
