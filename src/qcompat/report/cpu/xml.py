"""A baseline as the `<cpu>` of libvirt's domain XML, with libvirt's spelling of features.

`check='partial'` has libvirt compare the processor with its host before a start. `full`, which the
running guest gets from libvirt itself, would refuse a first start: it means equal both ways, and
QEMU adds `hypervisor`, `x2apic` and the like to every guest (virCPUx86UpdateLive,
src/cpu/cpu_x86.c of 9.0 and 11.3).
"""

from __future__ import annotations

from xml.etree.ElementTree import Comment, Element, SubElement, indent, tostring

from qcompat.hosts.cpu.libvirt_cpu import libvirt_cpu
from qcompat.report.cpu.answers import CpuBaseline
from qcompat.report.output import Output

_VENDORS = {"GenuineIntel": "Intel", "AuthenticAMD": "AMD", "HygonGenuine": "Hygon"}
"""Of libvirt's cpu_map/x86_vendors.xml."""


def write(answer: CpuBaseline, out: Output) -> None:
    """Write the element. Errors: UsageError where libvirt has no model for it."""
    found = libvirt_cpu(answer.masks, answer.offers, answer.found)
    root = Element("cpu", mode="custom", match="exact", check="partial")
    SubElement(root, "model", fallback="forbid").text = found.model
    if answer.found.vendor in _VENDORS:
        SubElement(root, "vendor").text = _VENDORS[answer.found.vendor]
    for policy, features in (("require", found.required), ("disable", found.disabled)):
        for feature in features:
            SubElement(root, "feature", policy=policy, name=feature)
    if found.nameless:
        root.append(Comment(f" not every libvirt has a name for {', '.join(found.nameless)} "))
    indent(root)
    out.write(tostring(root, "unicode") + "\n")
