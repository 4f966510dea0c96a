"""Processes on the other end of a socket: of emulated TPMs, and of vhost-user devices.

Processes of ours stand in (`qemu.supplies`), and QEMU says itself whether the guest may migrate. An
emulated TPM has a section of its own, tpm-emulator, beside that of its device (backends/tpm, 5.2 to
10.2). A TPM of the host has no stand-in, and its device is left out. vhost-user networks are in
`network`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from qcompat.guest.guest import Uncovered
from qcompat.guest.option import Option
from qcompat.guest.stand_ins.replaced import Replaced, each
from qcompat.qemu.supplies.names import TPM, VHOST_USER_DEVICE

_EMULATOR = "the TPM emulator is never connected: a TPM 2.0 without keys stands in for it"
_HOST = "a TPM of the host is never opened"
_DEVICE = (
    "its features and its configuration come from the vhost-user process, which is never connected:"
    " one that takes every feature stands in for it"
)
_REFUSES = "the vhost-user process does not offer VHOST_F_LOG_ALL (hw/virtio/vhost.c)"
_KEEPS = (
    "which files are open is known to the vhost-user process alone, and only some hand it over"
    " (virtiofsd from 1.11 on; hw/virtio/vhost-user-fs.c)"
)
_WITH_STATE = "vhost-user-fs*"
_GRAPHICS = ("vhost-user-gpu*", "vhost-user-vga*")  # a protocol of their own


def replace(options: Sequence[Option]) -> Replaced:
    """Stand-ins for `-tpmdev`, and for the character devices that processes speak on."""
    sockets = _sockets(options)

    def change(option: Option) -> Iterable[Option | Uncovered]:
        if option.name == "tpmdev":
            return _tpm(option, sockets)
        if option.name == "chardev" and option.get("id") in sockets:
            return (_socket(option, sockets),)
        if is_served(option):
            features = Uncovered(option.written, _DEVICE, "nothing")
            return (option, features, _of_process(option))
        return (option,)

    return each(options, change)


def _of_process(option: Option) -> Uncovered:
    """What the process itself decides: whether the guest can leave it, or what it holds."""
    type_ = option.get("driver")
    if fnmatchcase(type_, _WITH_STATE):
        return Uncovered(option.written, _KEEPS, "state", type_)
    return Uncovered(option.written, _REFUSES, "condition")


def is_served(option: Option) -> bool:
    """Whether it is a device whose process has a stand-in."""
    type_ = option.get("driver")
    is_meant = option.name == "device" and option.has("chardev") and type_.startswith("vhost-user-")
    return is_meant and not any(fnmatchcase(type_, pattern) for pattern in _GRAPHICS)


def _sockets(options: Sequence[Option]) -> Mapping[str, str]:
    """The path of the stand-in for each character device that a process speaks on."""
    there = {option.get("id") for option in options if option.name == "chardev"}
    devices = {o.get("chardev"): VHOST_USER_DEVICE for o in options if is_served(o)}
    tpms = {o.get("chardev"): TPM for o in options if o.name == "tpmdev" and _is_emulator(o)}
    return {name: path for name, path in (devices | tpms).items() if name in there}


def _socket(option: Option, sockets: Mapping[str, str]) -> Option:
    name = option.get("id")
    return option.having((("backend", "socket"), ("id", name), ("path", sockets[name])))


def _is_emulator(option: Option) -> bool:
    return option.get("type") == "emulator"


def _tpm(option: Option, sockets: Mapping[str, str]) -> Iterable[Option | Uncovered]:
    if _is_emulator(option) and option.get("chardev") in sockets:
        yield option.only("type", "id", "chardev")
        yield Uncovered(option.written, _EMULATOR, "nothing")
    else:
        yield Uncovered(option.written, _HOST)
