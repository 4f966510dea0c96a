"""What a host gives its guests, written down once: a capture.

A capture is a value. `ask` takes it, `read` reads those of other tools, `capture_file` writes and
reads the file; what follows from two of them is decided in `compare` and `cpu`. Features have
QEMU's own names (`cpu.features.names`), and those that are on are listed, sorted.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import msgspec

from qcompat.builds.build import BuildIdentity
from qcompat.hosts.backends.model import Backends
from qcompat.hosts.machine import Machine

Value = int | str
NAMELESS = "(nameless)"
"""Stands for a missing feature that QEMU has no name for: no property can turn it off."""


class Processor(msgspec.Struct, frozen=True):
    """The host's processor as its kernel describes it; empty or None where that is unknown.

    `physical_bits` is the width of physical addresses. `caches` are cpu0's, as
    `L1 data 32768 bytes, 8 ways, 64-byte lines`.
    """

    vendor: str = ""
    family: int | None = None
    model: int | None = None
    stepping: int | None = None
    name: str = ""
    microcode: str = ""
    physical_bits: int | None = None
    caches: tuple[str, ...] = ()


class Tsc(msgspec.Struct, frozen=True):
    """The time stamp counter: its frequency, and whether KVM can scale it for a guest."""

    khz: int | None = None
    has_scaling: bool | None = None


class Definition(msgspec.Struct, frozen=True):
    """How a build defines a named CPU model, whatever the host can run of it.

    `nested` are the features that come with it once `vmx` or `svm` is turned on; both are names
    joined by blanks, since a hundred models of every host must be read at once. `values` are
    those that are not features: family, model, stepping, model-id, min-level, min-xlevel.
    """

    features: str
    nested: str = ""
    values: Mapping[str, Value] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The features one by one."""
        return parted(self.features)

    @property
    def nested_names(self) -> tuple[str, ...]:
        """The nested features one by one."""
        return parted(self.nested)


@cache
def parted(names: str) -> tuple[str, ...]:
    """The names in a text that joins them by blanks."""
    return tuple(names.split())


class BuildCapture(msgspec.Struct, frozen=True):
    """What one build offers its guests on this host, under one accelerator.

    `cpu` is the model with all that the host can give: `host` under KVM, `max` under TCG.
    `features` are on in it, `unmigratable` are those that it adds with `migratable=off`,
    `known` all that the build has a property for (empty: unknown). `values` are its family,
    model, stepping, levels and the like. `unavailable` has every named model that the build
    lists, with what this host lacks of it, joined by blanks; `aliases` names the version that a
    plain name stands for.
    `definitions` may be empty: not asked. `refusal` is why a guest with `cpu` does not start
    there (empty: it does), None where that was not tried; `refused` are the features that must
    be turned off for it to start, with all that depend on them: not part of `features`. `older`
    are the features that `cpu` also has under the build's oldest machine type, whose compat
    table turns them on.
    """

    build: str
    accelerator: str
    cpu: str
    features: tuple[str, ...]
    identity: BuildIdentity | None = None
    unmigratable: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    values: Mapping[str, Value] = {}
    unavailable: Mapping[str, str] = {}
    aliases: Mapping[str, str] = {}
    definitions: Mapping[str, Definition] = {}
    machines: tuple[str, ...] = ()
    refusal: str | None = None
    refused: tuple[str, ...] = ()
    older: tuple[str, ...] = ()


class HostCapture(msgspec.Struct, frozen=True):
    """One host. `origin` says what it was read from: `qcompat`, `qmp replies`, `domcapabilities`.

    `backends` is what network and vhost backends offer; None where it was not asked. `machine` is
    its memory, its limits and what its kernel offers.
    """

    name: str
    builds: tuple[BuildCapture, ...]
    origin: str = "qcompat"
    kernel: str = ""
    processor: Processor = Processor()
    tsc: Tsc = Tsc()
    backends: Backends | None = None
    machine: Machine = Machine()
