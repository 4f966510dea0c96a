"""Functions of PCI that nothing in the guest works, since its kernel has no driver for them."""

from __future__ import annotations

from qcompat.guest.guest import Uncovered
from qcompat.trial.live.report import Report

_IDLE = "the guest's kernel has no driver for it: it is there, and is not exercised"


def idle(report: Report) -> tuple[Uncovered, ...]:
    """Functions of PCI that no driver took; bridges of the host need none."""
    return tuple(
        Uncovered(f"{address} {_identity(report, address)}", _IDLE)
        for address in report.text("idle").split()
        if not _is_bridge(report, address)
    )


def _identity(report: Report, address: str) -> str:
    config = report.files[f"pci/{address}"]
    vendor, device = (int.from_bytes(config[at : at + 2], "little") for at in (0, 2))
    return f"({vendor:04x}:{device:04x})"


def _is_bridge(report: Report, address: str) -> bool:
    """Class 06 of the PCI class codes."""
    return report.files[f"pci/{address}"][11] == 6
