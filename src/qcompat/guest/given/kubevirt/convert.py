"""An instance as the words with which its libvirt would start it, and what they cannot say."""

from __future__ import annotations

from collections.abc import Callable

from qcompat.guest.given.domain.convert import words_of as words_of_domain
from qcompat.guest.given.kubevirt import devices, disks, machine, processors
from qcompat.guest.given.kubevirt.resource import Instance, add
from qcompat.guest.guest import Uncovered

_PARTS: tuple[Callable[[Instance], None], ...] = (
    machine.name,
    machine.memory,
    machine.system,
    machine.features,
    processors.processors,
    machine.clock,
    devices.interfaces,
    devices.controllers,
    devices.consoles,
    disks.disks,
    devices.others,
)
_DOMAIN = frozenset(
    {
        *("chassis", "clock", "cpu", "devices", "features", "firmware", "ioThreadsPolicy"),
        *("ioThreads", "launchSecurity", "machine", "memory", "resources"),
    }
)
_DEVICES = frozenset(
    {
        *("autoattachGraphicsDevice", "autoattachInputDevice", "autoattachMemBalloon"),
        *("autoattachPodInterface", "autoattachSerialConsole", "autoattachVSOCK"),
        *("blockMultiQueue", "clientPassthrough", "disableHotplug", "disks", "downwardMetrics"),
        *("filesystems", "gpus", "hostDevices", "inputs", "interfaces", "logSerialConsole"),
        *("networkInterfaceMultiqueue", "panicDevices", "rng", "sound", "tpm"),
        *("useVirtioTransitional", "video", "watchdog"),
    }
)
_ANNOTATIONS = {
    "placePCIDevicesOnRootComplex": "all devices stand on the root complex, as they do not here",
    "disablePCIHole64": "it moves the memory of devices",
}


def words_of(instance: Instance) -> tuple[tuple[str, ...], tuple[Uncovered, ...]]:
    """The words, the emulator first, and what they do not say of the guest. Errors: GuestError."""
    for part in _PARTS:
        part(instance)
    _threads(instance)
    _say_what_is_open(instance)
    words, uncovered = words_of_domain(instance.root)
    return words, tuple(dict.fromkeys((*instance.uncovered, *uncovered)))


def _threads(instance: Instance) -> None:
    if count := sum(disks.thread_counts(instance)):
        add(instance.root, "iothreads", str(count))


def _say_what_is_open(instance: Instance) -> None:
    ports = "free PCIe ports for hot plug are like those of the guest's devices, and left out"
    instance.open("pcie-root-port", ports, "nothing")
    if instance.domain["launchSecurity"]:
        instance.open(
            "spec.domain.launchSecurity", "a guest with encrypted memory does not migrate"
        )
    for name, reason in _ANNOTATIONS.items():
        if instance.annotation(name).lower() == "true":
            instance.open(f"kubevirt.io/{name}", reason)
    for node, known in ((instance.domain, _DOMAIN), (instance.domain["devices"], _DEVICES)):
        for key, value in node.members():
            if key not in known and value:
                instance.open(f"{node.path}.{key}"[:60], "qcompat does not know this part")
