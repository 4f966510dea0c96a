"""What of the guest's hardware nothing in it uses."""

from __future__ import annotations

from qcompat.guest.guest import Uncovered
from qcompat.trial.live.agent.messages import GuestReport

_IDLE = "the guest's kernel has no driver for it: it is there, and is not exercised"


def idle_functions(report: GuestReport) -> tuple[Uncovered, ...]:
    """The PCI functions that no driver of the guest took; host bridges need none."""
    return tuple(
        Uncovered(f"{address} {_identity(report, address)}", _IDLE, "nothing")
        for address in report.text("idle").split()
        if not _is_bridge(report, address)
    )


def _identity(report: GuestReport, address: str) -> str:
    config = report.files[f"pci/{address}"]
    vendor, device = (int.from_bytes(config[at : at + 2], "little") for at in (0, 2))
    return f"({vendor:04x}:{device:04x})"


def _is_bridge(report: GuestReport, address: str) -> bool:
    """Class 06 of the PCI class codes."""
    return report.files[f"pci/{address}"][11] == 6
