"""A VirtualMachineInstance of KubeVirt, in YAML or JSON: the guest that virt-launcher starts.

The domain that virt-launcher has is complete, and is read as libvirt's; what an instance cannot
say of it is named, with the command that tells.
"""

from __future__ import annotations

import re

from qcompat.errors import FileFormatError, GuestError
from qcompat.guest.given.form import Form, Given, Mismatch
from qcompat.guest.given.kubevirt.convert import words_of
from qcompat.guest.given.kubevirt.resource import RUNNING, instances, is_resource
from qcompat.guest.given.tree import MOST_BYTES, Node, documents

_LIKELY = re.compile(rb"""^[\s{"']*apiVersion["']?\s*:|["{,]\s*"apiVersion"\s*:""", re.MULTILINE)


def _mismatch(data: bytes) -> Mismatch | None:
    if not _LIKELY.search(data[:MOST_BYTES]):
        return Mismatch("a resource of Kubernetes has an apiVersion")
    try:
        found = documents(data)
    except FileFormatError as error:
        return Mismatch(f"as a resource of Kubernetes, {error.message}", is_near=True)
    if any(map(is_resource, found)):
        return None
    return Mismatch("it is a resource of Kubernetes, and none of KubeVirt", is_near=True)


def _read(data: bytes, name: str) -> tuple[Given, ...]:
    found = [
        instance
        for document in documents(data)
        if is_resource(document)
        for instance in instances(Node(document))
    ]
    if not found:
        raise GuestError("the list has no instances", RUNNING)
    given = []
    for instance in found:
        words, uncovered = words_of(instance)
        own = instance.metadata["name"].text()
        where = name if len(found) == 1 else f"{name}, {own[:60]}"
        given.append(Given(words, where, uncovered))
    return tuple(given)


FORM = Form(
    name="an instance of KubeVirt (kubectl get vmi NAME -o yaml)",
    example=b"apiVersion: kubevirt.io/v1\nkind: VirtualMachineInstance\nmetadata: {name: web1}\n"
    b"spec:\n  domain:\n    machine: {type: pc-q35-10.0}\n    memory: {guest: 1Gi}\n"
    b"    devices: {}\n",
    mismatch=_mismatch,
    read=_read,
)
