"""The machine option without what belongs to the host: accelerator, dumps, files, encryption."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qcompat.arch.architecture import usual
from qcompat.guest.guest import Uncovered
from qcompat.guest.option import Option
from qcompat.guest.stand_ins.replaced import Replaced, each

_HOST = ("accel", "dump-guest-core", "mem-merge", "kvm-shadow-mem", "dumpdtb")
_FILES = "a file given to the machine is not loaded"
_ENCRYPTION = "memory encryption is of the host's processor, and is left out"
_LOST = {
    "kernel": _FILES,
    "initrd": _FILES,
    "append": _FILES,
    "shim": _FILES,
    "dtb": _FILES,
    "firmware": _FILES,
    "igvm-cfg": _FILES,
    "memory-encryption": _ENCRYPTION,
    "confidential-guest-support": _ENCRYPTION,
    "sgx-epc": "memory of SGX enclaves cannot be made here, nor migrated",
}
_XEN = "emulation of Xen is a property of the accelerator, which is not part of a guest"


def replace(options: Sequence[Option]) -> Replaced:
    """One machine, first of all options, with a type."""
    machines = [option for option in options if option.name == "machine"]
    if not any(machine.get("type") for machine in machines):
        options = (Option("machine", (("type", usual().default_machine),)), *options)
    return each(options, _change)


def _change(option: Option) -> Iterable[Option | Uncovered]:
    if option.name == "xen-emulation":
        yield Uncovered(option.written, _XEN)
    elif option.name == "machine":
        lost = {key: _LOST[_stem(key)] for key, _ in option.pairs if _stem(key) in _LOST}
        yield option.without(*_HOST, *lost)
        yield from (Uncovered(option.written, f"{key}: {why}") for key, why in lost.items())
    else:
        yield option


def _stem(key: str) -> str:
    return key.partition(".")[0]
