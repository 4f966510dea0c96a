"""What one build on one host offers a guest's CPU, ready to compare: features as masks.

Three comparisons use it: features must be a subset, values that must not change equal, limits
not greater.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from qcompat.errors import UsageError
from qcompat.hosts.capture import BuildCapture, Definition, HostCapture, Value
from qcompat.hosts.cpu.features.masks import FeatureMasks
from qcompat.hosts.cpu.models import names_of, shipped, versioned


class CpuOffer(msgspec.Struct, frozen=True):
    """A build on a host. `unavailable` is None where it is unknown which models run there.

    `known` is all that the build has a property for; -1, every bit, where that is unknown.
    """

    host: HostCapture
    capture: BuildCapture
    features: int
    known: int
    unavailable: Mapping[str, int] | None

    @property
    def name(self) -> str:
        """The host, with the build where the host has several."""
        alone = len({build.build for build in self.host.builds}) == 1
        return self.host.name if alone else f"{self.host.name}/{self.capture.build}"

    @property
    def vendor(self) -> str:
        return str(self.capture.values.get("vendor", "")) or self.host.processor.vendor

    @property
    def values(self) -> Mapping[str, Value]:
        return self.capture.values

    @property
    def is_foreign(self) -> bool:
        """Whether another tool wrote the capture: what it does not state was not asked."""
        return self.host.origin != "qcompat"

    def name_of(self, model: str) -> str | None:
        """What this build calls a versioned model; None where it has no such model."""
        if self.unavailable is None:
            return model
        return next((name for name in names_of(model) if name in self.unavailable), None)

    def definition(self, model: str) -> Definition | None:
        """How the model is defined here: by the capture, else by the shipped table."""
        own = self.capture.definitions
        aliases = self.capture.aliases
        name = aliases.get(model, model)
        return own.get(name) or shipped().models.get(versioned(name))


def offers_of(
    hosts: Iterable[HostCapture],
    masks: FeatureMasks,
    *,
    accelerator: str | None = None,
    build: str | None = None,
) -> tuple[CpuOffer, ...]:
    """What all builds on all hosts offer, under KVM where any capture has it.

    Errors: UsageError where a capture lacks what is asked for.
    """
    hosts = tuple(hosts)
    chosen = accelerator or _usual(hosts)
    found: list[CpuOffer] = []
    for host in hosts:
        its = [
            each
            for each in host.builds
            if each.accelerator == chosen and build in (None, each.build)
        ]
        if not its:
            raise _nothing(host, chosen, build)
        found += [_offer(host, each, masks) for each in its]
    return tuple(found)


def with_unmigratable(masks: FeatureMasks, offer: CpuOffer) -> CpuOffer:
    """The offer with the features that QEMU does not migrate a guest with."""
    more = masks.mask(offer.capture.unmigratable)
    return msgspec.structs.replace(offer, features=offer.features | more)


def _usual(hosts: Sequence[HostCapture]) -> str:
    accelerators = {build.accelerator for host in hosts for build in host.builds}
    return "kvm" if "kvm" in accelerators else min(accelerators, default="kvm")


def _nothing(host: HostCapture, accelerator: str, build: str | None) -> UsageError:
    known = ", ".join(f"{b.build} ({b.accelerator})" for b in host.builds) or "nothing"
    what = f"of build {build} " if build else ""
    return UsageError(
        f"the capture of host {host.name} holds nothing {what}under {accelerator}",
        f"it holds {known}: choose with --accel or --build, or capture the host again",
    )


def _offer(host: HostCapture, capture: BuildCapture, masks: FeatureMasks) -> CpuOffer:
    if not capture.features:
        raise UsageError(
            f"the capture of host {host.name} has no CPU feature of build {capture.build}",
            "every processor has some: capture the host again",
        )
    unavailable = {model: masks.joined(features) for model, features in capture.unavailable.items()}
    known = masks.mask(capture.known) if capture.known else -1
    return CpuOffer(host, capture, masks.mask(capture.features), known, unavailable or None)
