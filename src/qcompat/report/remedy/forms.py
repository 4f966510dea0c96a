"""All forms of a remedy, by name."""

from __future__ import annotations

from collections.abc import Mapping

from qcompat.report.remedy.form import Form
from qcompat.report.remedy.libvirt import libvirt
from qcompat.report.remedy.proxmox import proxmox
from qcompat.report.remedy.qemu import qemu
from qcompat.report.remedy.table import table
from qcompat.verdict.remedy import Remedy, Unrepairable

FORMS = ("qemu", "libvirt", "proxmox", "table")


def forms_of(found: Remedy | Unrepairable) -> Mapping[str, Form]:
    """The remedy in every form; of a guest that stays refused, what repairs other devices of it."""
    dropped = found.dropped if isinstance(found, Remedy) else ()
    return {
        "qemu": qemu(found.words, dropped),
        "libvirt": libvirt(found.settings),
        "proxmox": proxmox(found.settings),
        "table": table(found.settings),
    }
