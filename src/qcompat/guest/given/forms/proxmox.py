"""A configuration of Proxmox VE: `/etc/pve/qemu-server/ID.conf`, with its snapshots and changes.

What it cannot say (the version of a machine type without one, the MTU of a bridge) is named, with
`qm showcmd ID`, whose line says it.
"""

from __future__ import annotations

from qcompat.guest.given.form import Form, Given, Mismatch
from qcompat.guest.given.proxmox import document
from qcompat.guest.given.proxmox.convert import words_of


def _mismatch(data: bytes) -> Mismatch | None:
    if b"\0" in data:
        return Mismatch("a configuration of Proxmox VE holds no zero bytes")
    try:
        found = document.mismatch(data.decode())
    except UnicodeDecodeError as error:
        return Mismatch(f"a configuration of Proxmox VE is text in UTF-8: {error}")
    if found is None:
        return None
    return Mismatch(f"as a configuration of Proxmox VE, {found[0]}", is_near=found[1])


def _read(data: bytes, name: str) -> tuple[Given, ...]:
    words, uncovered = words_of(document.read(data.decode()))
    return (Given(words, name, uncovered),)


FORM = Form(
    name="a configuration of Proxmox VE (/etc/pve/qemu-server/ID.conf)",
    example=b"cores: 2\nmachine: pc-i440fx-10.0+pve1\nmemory: 2048\n"
    b"net0: virtio=BC:24:11:12:34:56,bridge=vmbr0\nostype: l26\nscsi0: local:100/a.qcow2\n",
    mismatch=_mismatch,
    read=_read,
)
