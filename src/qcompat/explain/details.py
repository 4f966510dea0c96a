"""What the numbers in a message mean: registers, feature words, model-specific registers.

A message's values are named in the catalogue, and their names say what they are: `byte` is one of
PCI configuration space, `features` and `allowed` are words of virtio features, `msr` is the number
of a model-specific register. What is found joins the values under names of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import msgspec

from qcompat.dataset import read_table

_NO_FEATURE = "one that the message does not show"


class _Msr(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of `msrs.toml`: `feature` is the property or feature that a guest has it from."""

    first: int
    last: int
    name: str
    feature: str = ""


class _Msrs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    msr: tuple[_Msr, ...]


def details_of(values: Mapping[str, str], section: str) -> dict[str, str]:
    """The values of a message, and what they mean.

    `section` is the id of the section that failed, or its device's state, or empty. Added are:
    `device` and `state`, where that is known; `register`, `queues`; `refused`, `kind`, `off`;
    `msr_name`, `feature`.
    """
    known = {name: value.strip(" .,:;'") for name, value in values.items() if value}
    if section:
        known.setdefault("device", section)
    elif "block" in known:
        known["device"] = _owner(known["block"])
    state = known.get("device", "").rpartition("/")[2]
    if state:
        known.setdefault("state", state)
    if "byte" in known:
        known |= _register(known)
    if "features" in known or "lacking" in known:
        known |= _features(known)
    if "msr" in known:
        known |= _msr(int(known["msr"], 16))
    return known


def _register(known: Mapping[str, str]) -> dict[str, str]:
    """The register of a byte; where it holds the number of MSI-X vectors, the queues behind it."""
    from qcompat.explain.pci_byte import queues_of, register_at  # few texts pay for its needs

    byte = int(known["byte"], 16)
    register = register_at(byte, known.get("device", ""))
    found = {"byte": f"{byte:#x}", "register": register or "the device's capabilities"}
    if register == "MSI-X message control" and "sent" in known:
        queues = queues_of(known.get("state", ""), int(known["sent"], 16))
        found |= {"queues": str(queues)} if queues else {}
    return found


def _owner(block: str) -> str:
    """The device that a memory block belongs to: `…/vga.vram` is one of `…/vga`."""
    return block.rpartition(".")[0] if "/" in block and not block.startswith("/") else ""


def _features(known: Mapping[str, str]) -> dict[str, str]:
    """The features that were refused by name, and the kind of device."""
    from qcompat.hosts.devices.explain import explain
    from qcompat.hosts.devices.feature_words import MOST_BITS, FeatureWords

    is_lacking = "lacking" in known
    agreed = _number(known["lacking" if is_lacking else "features"])
    allowed = _number(known["allowed"]) if known.get("allowed") else None
    if max(agreed, allowed or 0).bit_length() > MOST_BITS:
        return {"refused": _NO_FEATURE}
    words = FeatureWords(
        agreed, allowed, known.get("device", ""), is_refusal=not is_lacking, lacking=is_lacking
    )
    found = explain(words)
    settable = [b.governed for b in found.refused if b.governed and b.governed.property]
    named = {
        "refused": ", ".join(bit.name for bit in found.refused) or _NO_FEATURE,
        "kind": found.kind or "virtio",
        "off": ",".join(f"{each.property}={each.off}" for each in settable),
    }
    if words.is_cut:
        named["is_cut"] = "yes"
    return {name: value for name, value in named.items() if value}


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else int(text, 16)


def _msr(number: int) -> dict[str, str]:
    row = next((row for row in _msrs() if row.first <= number <= row.last), None)
    found = {"msr": f"{number:#x}", "msr_name": row.name if row else "no name known here"}
    return found | ({"feature": row.feature} if row and row.feature else {})


@cache
def _msrs() -> tuple[_Msr, ...]:
    return read_table("qcompat.explain", "msrs.toml", _Msrs).msr
