"""The processors of an instance: <vcpu>, <vcpus> and <cpu>."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from qcompat.errors import GuestError
from qcompat.guest.given.kubevirt.machine import memory_bytes, needs_memfd
from qcompat.guest.given.kubevirt.resource import Instance, add
from qcompat.guest.given.tree import Node

_HOST = ("host-model", "host-passthrough")
_MOST_CPUS = 1024


def topology(instance: Instance) -> tuple[int, int, int]:
    """Sockets, cores and threads at the start. Errors: GuestError."""
    cpu, resources = instance.domain["cpu"], instance.domain["resources"]
    given = [cpu[key].number() for key in ("sockets", "cores", "threads")]
    sockets, cores, threads = (each or 1 for each in given)
    if not any(given):
        asked = resources["limits"]["cpu"] or resources["requests"]["cpu"]
        sockets = _whole(asked)
    if sockets * cores * threads > _MOST_CPUS:
        raise GuestError(f"it has more than {_MOST_CPUS} processors", "correct spec.domain.cpu")
    return sockets, cores, threads


def _whole(cpus: Node) -> int:
    """Processors of a request, such as 1500m, rounded up."""
    said = cpus.text("1")
    if said.endswith("m"):
        return max(1, -(-Node(said[:-1], cpus.path).number() // 1000))
    return max(1, cpus.number(1))


def processors(instance: Instance) -> None:
    """<vcpu>, <vcpus> and <cpu>. Errors: GuestError."""
    cpu = instance.domain["cpu"]
    sockets, cores, threads = topology(instance)
    present = sockets * cores * threads
    most = cpu["maxSockets"].number() or sockets
    count = most * cores * threads
    if count > _MOST_CPUS:
        raise GuestError(f"it has more than {_MOST_CPUS} processors", "correct spec.domain.cpu")
    add(instance.root, "vcpu", str(count), placement="static")
    if cpu["maxSockets"].number():
        listed = add(instance.root, "vcpus")
        for number in range(count):
            enabled = "yes" if number < present else "no"
            pluggable = "yes" if number >= cores * threads else "no"
            add(listed, "vcpu", id=number, enabled=enabled, hotpluggable=pluggable)
    made = _model(instance, cpu)
    add(made, "topology", sockets=most, cores=cores, threads=threads)
    for feature in cpu["features"]:
        policy = feature["policy"].text("require")
        add(made, "feature", name=feature["name"].text(), policy=policy)
    names = {feature["name"].text() for feature in cpu["features"]}
    if cpu and cpu["model"].text() not in _HOST and "mpx" not in names:
        add(made, "feature", name="mpx", policy="disable")
    if cpu.at("numa.guestMappingPassthrough"):
        instance.open("spec.domain.cpu.numa", "its cells are those of the node's memory")
    elif needs_memfd(instance):
        cell = add(add(made, "numa"), "cell", id=0, cpus=f"0-{count - 1}", unit="KiB")
        cell.set("memory", str(memory_bytes(instance) // 1024))


def _model(instance: Instance, cpu: Node) -> Element:
    model = cpu["model"].text()
    if model and model not in _HOST:
        made = add(instance.root, "cpu", mode="custom")
        add(made, "model", model)
        return made
    return add(instance.root, "cpu", mode=model or _HOST[0])
