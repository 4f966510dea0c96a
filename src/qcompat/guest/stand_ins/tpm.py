"""TPMs: an emulator that holds no state stands in for the user's (`qemu.supplies`).

Its state has a section of its own, tpm-emulator, beside that of the device (backends/tpm, 5.2 to
10.2). A TPM of the host has no stand-in, and its device is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qcompat.guest.guest import Uncovered
from qcompat.guest.option import Option
from qcompat.guest.stand_ins.replaced import Replaced, each
from qcompat.qemu.supplies.names import TPM

_EMULATOR = "the TPM emulator is never connected: a TPM 2.0 without keys stands in for it"
_HOST = "a TPM of the host is never opened; the guest is compared without it"


def replace(options: Sequence[Option]) -> Replaced:
    """Stand-ins for `-tpmdev`, and for the character devices that emulators speak on."""
    sockets = {o.get("chardev") for o in options if o.name == "tpmdev" and is_emulator(o)}

    def change(option: Option) -> Iterable[Option | Uncovered]:
        if option.name == "tpmdev":
            return _tpm(option)
        if option.name == "chardev" and option.get("id") in sockets:
            own = (("backend", "socket"), ("id", option.get("id")), ("path", TPM))
            return (option.having(own),)
        return (option,)

    return each(options, change)


def is_emulator(option: Option) -> bool:
    return option.get("type") == "emulator"


def _tpm(option: Option) -> Iterable[Option | Uncovered]:
    if is_emulator(option):
        yield option.only("type", "id", "chardev")
        yield Uncovered(option.written, _EMULATOR, "nothing")
    else:
        yield Uncovered(option.written, _HOST)
