"""Hosts made of few words, for tests that change one thing at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from qcompat.hosts.capture import BuildCapture, HostCapture, Processor, Tsc, Value
from qcompat.hosts.cpu.features.masks import FeatureMasks
from qcompat.hosts.cpu.models import shipped
from qcompat.hosts.cpu.offer import CpuOffer, offers_of

PLAIN = tuple(sorted({*shipped().models["Skylake-Client-v1"].names, "kvm-pv-unhalt"}))
VALUES: Mapping[str, Value] = {
    "vendor": "GenuineIntel",
    "family": 6,
    "model": 94,
    "stepping": 3,
    "model-id": "Intel Core Processor (Skylake)",
    "level": 13,
    "xlevel": 0x80000008,
    "phys-bits": 46,
}
MODELS = ("Westmere-v1", "Haswell-v1", "Haswell-v4", "Skylake-Client-v1", "Skylake-Client-v4")


def host(
    name: str,
    *,
    features: Iterable[str] = PLAIN,
    plus: Iterable[str] = (),
    minus: Iterable[str] = (),
    values: Mapping[str, Value] = VALUES,
    build: str = "qemu",
    tsc: Tsc = Tsc(2_500_000, False),  # noqa: B008 - a frozen value
    **more: Any,
) -> HostCapture:
    """A host whose models run as far as its features go."""
    has = (set(features) | set(plus)) - set(minus)
    models = shipped().models
    unavailable = {m: " ".join(sorted(set(models[m].names) - has)) for m in MODELS}
    capture = BuildCapture(
        build=build,
        accelerator="kvm",
        cpu="host",
        features=tuple(sorted(has)),
        values=values,
        unavailable=unavailable,
        definitions={m: models[m] for m in MODELS},
        **more,
    )
    return HostCapture(name, (capture,), processor=Processor(vendor="GenuineIntel"), tsc=tsc)


def offered(*hosts: HostCapture) -> tuple[FeatureMasks, tuple[CpuOffer, ...]]:
    """What they offer."""
    masks = FeatureMasks()
    return masks, offers_of(hosts, masks)
