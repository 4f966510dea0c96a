"""Events of guests as tests need them."""

from __future__ import annotations

from qcompat.builds.build import BuildIdentity
from qcompat.lineage.event import Held, How, Moved, Started
from qcompat.remedy.setting import Setting

IDENTITY = BuildIdentity("10.0.2", "Debian", "0" * 64)
MASK = Setting("pcie-root-port", "x-pcie-err-unc-mask", "on", "type")
SIZE = Setting("virtio-blk-pci", "queue-size", "1024", "device", "pcie.0/01.0/disk0")


def started(build: str = "a", at: str = "t0") -> Started:
    return Started(at, build, IDENTITY, "pc-q35-10.0", ("-m", "64"), ("-m", "64"), "p", "kvm")


def moved(build: str, *settings: Setting, how: How = "set", at: str = "t1") -> Moved:
    return Moved(at, build, IDENTITY, "p", tuple(Held(each, how) for each in settings))
