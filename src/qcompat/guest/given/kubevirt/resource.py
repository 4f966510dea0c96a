"""The instances of a document: VirtualMachineInstance, VirtualMachine, or a list of them."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement

import msgspec

from qcompat.errors import GuestError
from qcompat.guest.given.tree import Node
from qcompat.guest.guest import Loss, Uncovered

LAUNCHER = "kubectl exec POD -c compute -- virsh dumpxml 1 > guest.xml tells (POD: virt-launcher-…)"
RUNNING = "kubectl get vmi NAME -o yaml > guest.yaml"
_INSTANCE = "VirtualMachineInstance"
_MACHINE = "VirtualMachine"
_LIST = "List"
_NAMED = ("instancetype", "preference")


class Instance(msgspec.Struct):
    """An instance: its specification and status, the domain so far, and what stays open."""

    metadata: Node
    spec: Node
    status: Node
    root: Element
    uncovered: list[Uncovered] = []

    @property
    def domain(self) -> Node:
        return self.spec["domain"]

    @property
    def devices(self) -> Element:
        found = self.root.find("devices")
        return SubElement(self.root, "devices") if found is None else found

    def annotation(self, name: str) -> str:
        """An annotation of KubeVirt. Errors: GuestError."""
        return self.metadata["annotations"][f"kubevirt.io/{name}"].text()

    def open(self, subject: str, reason: str, loses: Loss = "state") -> None:
        """Something that only the cluster or the node knows."""
        self.uncovered.append(Uncovered(subject, f"{reason}; {LAUNCHER}", loses))


def add(parent: Element, tag: str, text: str = "", **attributes: object) -> Element:
    """A new element; attributes that are None are left out."""
    given = {key: str(value) for key, value in attributes.items() if value is not None}
    element = SubElement(parent, tag, given)
    element.text = text or None
    return element


def is_resource(document: object) -> bool:
    """Whether a document is of KubeVirt, or a list of Kubernetes."""
    if not isinstance(document, dict):
        return False
    version, kind = str(document.get("apiVersion")), document.get("kind")
    return version.startswith("kubevirt.io/") or (version == "v1" and kind == _LIST)


def instances(document: Node) -> Iterator[Instance]:
    """The instances of a document. Errors: GuestError for another kind of resource."""
    kind = document["kind"].text()
    if kind.endswith(_LIST):
        for item in document["items"]:
            yield from instances(item)
    elif kind == _INSTANCE:
        yield _instance(document["metadata"], document["spec"], document["status"])
    elif kind == _MACHINE:
        yield _of_machine(document)
    else:
        raise GuestError(f"a resource of the kind {kind[:60]!r} holds no guest", RUNNING)


def _instance(metadata: Node, spec: Node, status: Node) -> Instance:
    if not spec["domain"]:
        raise GuestError("the instance has no spec.domain", RUNNING)
    return Instance(metadata, spec, status, Element("domain", {"type": "kvm"}))


def _of_machine(document: Node) -> Instance:
    """The instance that a VirtualMachine would start. Errors: GuestError."""
    spec = document["spec"]
    for key in _NAMED:
        if spec[key]:
            raise GuestError(f"what spec.{key} gives the guest is not in this resource", RUNNING)
    found = _instance(document["metadata"], spec.at("template.spec"), Node(None))
    what = "what the cluster adds when it starts is not in it; give the instance: " + RUNNING
    found.uncovered.append(Uncovered("kind: VirtualMachine", what))
    return found
