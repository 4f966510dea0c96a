"""The host's bridges and their MTU, as the kernel shows them in /sys."""

from __future__ import annotations

from pathlib import Path

from qcompat.hosts.backends.model import Bridge


def ask_bridges(interfaces: Path = Path("/sys/class/net")) -> tuple[Bridge, ...]:
    """Every Linux bridge; Open vSwitch does not show its bridges as such."""
    places = sorted(each for each in interfaces.glob("*") if (each / "bridge").is_dir())
    return tuple(Bridge(each.name, int((each / "mtu").read_text())) for each in places)
