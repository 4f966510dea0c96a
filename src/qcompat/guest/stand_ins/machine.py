"""The machine option without what belongs to the host: accelerator, dumps, files, encryption."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qcompat.arch.architecture import Architecture, architectures, usual
from qcompat.errors import GuestError
from qcompat.guest.guest import Uncovered
from qcompat.guest.option import Option
from qcompat.guest.stand_ins.files import without_files
from qcompat.guest.stand_ins.replaced import Replaced, each

_HOST = ("accel", "dump-guest-core", "mem-merge", "kvm-shadow-mem")
_ENCRYPTION = "memory encryption is of the host's processor, and is left out"
_LOST = {
    "memory-encryption": _ENCRYPTION,
    "confidential-guest-support": _ENCRYPTION,
    "sgx-epc": "memory of SGX enclaves cannot be made here, nor migrated",
}
_XEN = "the PV back ends of emulated Xen are not migratable (hw/i386/kvm/xen_xenstore.c)"


def replace(options: Sequence[Option]) -> Replaced:
    """The machine without what belongs to the host."""
    return each(options, _change)


def with_type(options: tuple[Option, ...], named: Architecture | None) -> tuple[Option, ...]:
    """The options with a machine that has a type: QEMU's own where none of them names one.

    `named` is the architecture that the command line names.
    Errors: GuestError where QEMU has no such default, or the type is another architecture's.
    """
    architecture = named or usual()
    types = [o.get("type") for o in options if o.name == "machine" and o.get("type")]
    if not types:
        if not architecture.default_machine:
            raise GuestError(
                f"no machine type is named, and {architecture.emulator} has no usual one",
                "add -machine TYPE",
            )
        return (Option("machine", (("type", architecture.default_machine),)), *options)
    owners = [each for each in architectures().values() if each.has(types[-1])]
    if named and owners and named not in owners:
        raise GuestError(
            f"{types[-1]} is a machine type of {owners[0].name}, and the emulator is "
            f"{named.emulator}",
            f"name {owners[0].emulator} before its arguments",
        )
    return options


def _change(option: Option) -> Iterable[Option | Uncovered]:
    if option.name == "xen-emulation":
        yield Uncovered(option.written, _XEN, "migration")
    elif option.name == "machine":
        lost = {key: _LOST[_stem(key)] for key, _ in option.pairs if _stem(key) in _LOST}
        yield from without_files(option.without(*_HOST, *lost))
        yield from (Uncovered(option.written, f"{key}: {why}") for key, why in lost.items())
    else:
        yield option


def _stem(key: str) -> str:
    return key.partition(".")[0]
