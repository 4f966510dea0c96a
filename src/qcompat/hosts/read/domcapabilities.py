"""The XML of `virsh domcapabilities`: what libvirt makes of a host for one build and machine.

The host's features are the `host-model`: a named model with features added and taken away,
without KVM's paravirtual ones. Of the models it states which run (`usable`) and what the others
lack (`blockers`). Names are libvirt's and become QEMU's.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from qcompat.errors import UNDECODABLE, FileFormatError
from qcompat.hosts.capture import BuildCapture, HostCapture, Processor, Value
from qcompat.hosts.cpu.features.names import canonical
from qcompat.hosts.cpu.models import shipped, versioned

UNMIGRATABLE = frozenset({"invtsc"})
"""What QEMU migrates no guest with: `unmigratable_flags` of target/i386/cpu.c, the same from 5.2 to
10.0. A build that is asked itself says so (`migratable=off` adds it)."""
_VENDORS = {"Intel": "GenuineIntel", "AMD": "AuthenticAMD", "Hygon": "HygonGenuine"}


def read_domcapabilities(data: bytes, name: str) -> HostCapture:
    """The host that the XML describes. Errors: FileFormatError."""
    try:
        root = fromstring(data)
    except (ParseError, DefusedXmlException, LookupError, *UNDECODABLE) as error:
        raise FileFormatError(
            f"{name} is not valid XML: {error}", "write it with: virsh domcapabilities"
        ) from error
    model = root.find("./cpu/mode[@name='host-model']")
    if root.tag != "domainCapabilities" or model is None or model.find("model") is None:
        raise FileFormatError(
            f"{name} is XML, but describes no host CPU: the root is {root.tag}, and it has no "
            "host-model",
            "write it with: virsh domcapabilities --virttype kvm",
        )
    return HostCapture(
        name=name,
        builds=(_build(root, model, name),),
        origin="domcapabilities",
        processor=_processor(model),
    )


def _build(root: Element, model: Element, name: str) -> BuildCapture:
    machine = root.findtext("machine", "")
    features = _features(model, name)
    return BuildCapture(
        build=root.findtext("path", "") or name,
        accelerator="tcg" if root.findtext("domain") == "qemu" else "kvm",
        cpu="host",
        features=tuple(sorted(features - UNMIGRATABLE)),
        unmigratable=tuple(sorted(features & UNMIGRATABLE)),
        values=_values(model),
        unavailable=_unavailable(root),
        aliases={
            str(each.text): canonical_name
            for each in _models(root)
            if (canonical_name := each.get("canonical"))
        },
        machines=(machine,) if machine else (),
    )


def _features(model: Element, name: str) -> frozenset[str]:
    """The host-model, spelled out: what it lists is what the host has, migratable or not."""
    plain = model.findtext("model", "")
    known = shipped().models.get(versioned(plain))
    if known is None:
        raise FileFormatError(
            f"{name} describes the host as {plain}, a CPU model that qcompat does not know",
            "capture the host with: qcompat host capture",
        )
    found = set(known.names)
    if "npt" in known.nested_names:  # AMD's models have svm, which QEMU turns off under KVM
        found |= {"svm", *known.nested_names}
    for feature in model.iter("feature"):
        change = found.discard if feature.get("policy") in ("disable", "forbid") else found.add
        change(canonical(feature.get("name", "")))
    return frozenset(found - {""})


def _values(model: Element) -> dict[str, Value]:
    vendor = model.findtext("vendor", "")
    limit = _limit(model)
    found: dict[str, Value] = {"vendor": _VENDORS.get(vendor, vendor)} if vendor else {}
    return found | ({"phys-bits": limit} if limit else {})


def _processor(model: Element) -> Processor:
    vendor = model.findtext("vendor", "")
    return Processor(vendor=_VENDORS.get(vendor, vendor), physical_bits=_limit(model))


def _limit(model: Element) -> int | None:
    address = model.find("maxphysaddr")
    text = address.get("limit", "") if address is not None else ""
    return int(text) if text.isdecimal() else None


def _unavailable(root: Element) -> dict[str, str]:
    blockers = {
        each.get("model"): " ".join(
            sorted(canonical(f.get("name", "")) for f in each.iter("feature"))
        )
        for each in root.iterfind("./cpu/mode[@name='custom']/blockers")
    }
    return {
        str(each.text): blockers.get(each.text, "")
        for each in _models(root)
        if each.get("usable") == "yes" or each.text in blockers
    }


def _models(root: Element) -> Iterator[Element]:
    return root.iterfind("./cpu/mode[@name='custom']/model")
