"""A matrix without QEMU: builds that are names, and a world that says which cells load."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import pytest

from qcompat.builds.build import Build, BuildIdentity
from qcompat.builds.facts import BuildFacts, DeviceFact, MachineFact
from qcompat.qemu.outcome import Outcome
from qcompat.trial.matrix.deciding.batch import Batch, BatchReport
from qcompat.trial.matrix.question.selection import Selection, spec_of
from qcompat.trial.matrix.question.spec import MatrixSpec

MACHINE = "pc-q35-7.2"
NAMES = ("one", "two", "three")
DEVICES = (
    DeviceFact("e1000", "PCI"),
    DeviceFact("edu", "PCI"),
    DeviceFact("ich9-ahci", "PCI"),
    DeviceFact("qemu-xhci", "PCI"),
    DeviceFact("usb-kbd", "usb-bus"),
    DeviceFact("isa-debugcon", "ISA"),
    DeviceFact("virtio-rng-pci", "PCI"),
    DeviceFact("pvscsi", "PCI"),
    DeviceFact("qemu64-x86_64-cpu"),
)


def build(name: str) -> Build:
    return Build(name, BuildIdentity("1.0", f"package of {name}", name * 8), "native", "/no/qemu")


def facts(name: str, devices: Collection[DeviceFact] = DEVICES) -> BuildFacts:
    machines = (MachineFact(MACHINE, alias="q35"), MachineFact(f"only-{name}"))
    return BuildFacts(build(name).identity, machines, tuple(devices), {}, frozenset(), {})


def spec(selection: Selection | None = None) -> MatrixSpec:
    known = {name: facts(name) for name in NAMES}
    asked = selection or Selection((MACHINE,), every=True)
    return spec_of(asked, [build(name) for name in NAMES], known, "tcg")


@dataclass
class World:
    """What happens to whom: outcomes other than `loaded` by guest, source and target.

    `unsaved` are guests that a source cannot save. `names` says whether QEMU's complaint names
    the device. `sequence` gives the outcomes of repeated loads of one guest alone.
    """

    fails: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    unsaved: Collection[tuple[str, str]] = ()
    names: bool = True
    sequence: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)
    batches: list[Batch] = field(default_factory=list)

    async def perform(self, batch: Batch) -> BatchReport:
        await asyncio.sleep(0)
        self.batches.append(batch)
        blocked = [n for n in batch.packed.members if (n, batch.source.name) in self.unsaved]
        if blocked:
            refusal = Outcome("no_stream", self._complaint(batch, blocked[0]))
            return BatchReport(batch, {t.name: refusal for t in batch.targets}, refusal, 0.1)
        return BatchReport(
            batch, {t.name: self._load(batch, t.name) for t in batch.targets}, None, 0.1
        )

    def _load(self, batch: Batch, target: str) -> Outcome:
        """QEMU stops at the first device that fails, and says nothing of those after it."""
        for name in batch.packed.members:
            way = (name, batch.source.name, target)
            kind = self.fails.get(way, "loaded")
            if batch.packed.alone and self.sequence.get(way):
                kind = self.sequence[way].pop(0)
            if kind != "loaded":
                return Outcome(kind, self._complaint(batch, name))  # type: ignore[arg-type]
        return Outcome("loaded")

    def _complaint(self, batch: Batch, name: str) -> str:
        owned = [word for word, owners in batch.packed.owners.items() if owners == (name,)]
        places = [word for word in owned if word.endswith(tuple("01234567")) and "." in word]
        if not self.names:
            return "QEMU said nothing"
        return f"device '0000:00:{places[0]}/{name}'" if places else f"device '{name}'"


@pytest.fixture
def whole_spec() -> MatrixSpec:
    return spec()
