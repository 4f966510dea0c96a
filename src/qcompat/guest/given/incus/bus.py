"""Where Incus puts PCI devices: ports on the root bus, each for a device or for a group of them.

    group ""         a port of its own, function 0
    group "generic"  up to eight devices behind one port, functions 0 to 7

Ports stand eight to a slot, from slot 1 on (driver_qemu_bus.go).
"""

from __future__ import annotations

import msgspec

_FUNCTIONS = 8


class Bus(msgspec.Struct):
    """What is taken so far: the next slot, the next port, and the functions of each group."""

    slot: int = 1
    port: int = 0
    root: tuple[int, int] | None = None
    groups: dict[str, tuple[str, int]] = {}

    def allocate(self, group: str, *, direct: bool) -> tuple[str, str]:
        """The port to make first, or nothing, and the fields that place a device.

        With `direct` the device stands on the root bus itself.
        """
        if direct:
            self.slot += 1
            return "", f",bus=pcie.0,addr={self.slot - 1:x}.0"
        port, function = self.groups.get(group, ("", _FUNCTIONS)) if group else ("", _FUNCTIONS)
        made = ""
        if function == _FUNCTIONS:
            port, function = f"qemu_pcie{self.port}", 0
            made = self._new_port(port)
        if group:
            self.groups[group] = (port, function + 1)
        several = ",multifunction=on" if group and not function else ""
        return made, f",bus={port},addr=00.{function}{several}"

    def _new_port(self, name: str) -> str:
        if self.root is None or self.root[1] == _FUNCTIONS - 1:
            self.root = self.slot, 0
            self.slot += 1
        else:
            self.root = self.root[0], self.root[1] + 1
        slot, function = self.root
        several = "" if function else ",multifunction=on"
        text = f"pcie-root-port,id={name},bus=pcie.0,addr={slot:x}.{function},chassis={self.port}"
        self.port += 1
        return text + several
