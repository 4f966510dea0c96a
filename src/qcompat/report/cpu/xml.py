"""A baseline as the `<cpu>` of libvirt's domain XML, with libvirt's spelling of features.

`check='full'` is to libvirt what `enforce` is to QEMU. Features that libvirt has no name for
are QEMU's own to add: KVM's paravirtual ones come with every KVM guest, and those of
`<features><kvm>` are set there.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from qcompat.hosts.cpu.baseline import Baseline
from qcompat.hosts.cpu.features.names import names
from qcompat.report.cpu.answers import CpuBaseline
from qcompat.report.output import Output

_VENDORS = {"GenuineIntel": "Intel", "AuthenticAMD": "AMD", "HygonGenuine": "Hygon"}
"""Of libvirt's cpu_map/x86_vendors.xml."""


def _name(found: Baseline) -> str:
    """As the builds call the model, where all call it the same: libvirt before 11 has no `-v2`."""
    names = {line.partition(",")[0] for line in found.lines}
    return names.pop() if len(names) == 1 else found.model


def write(answer: CpuBaseline, out: Output) -> None:
    """Write the element."""
    found = answer.found
    root = Element("cpu", mode="custom", match="exact", check="full")
    SubElement(root, "model", fallback="forbid").text = _name(found)
    if found.vendor in _VENDORS:
        SubElement(root, "vendor").text = _VENDORS[found.vendor]
    for policy, features in (("require", found.added), ("disable", found.removed)):
        for feature in features:
            if spelled := names().libvirt.get(feature):
                SubElement(root, "feature", policy=policy, name=spelled)
    indent(root)
    out.write(tostring(root, "unicode") + "\n")
