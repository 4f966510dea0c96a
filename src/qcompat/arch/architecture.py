"""The architectures that qcompat knows: a table each in `tables/`, read here.

A guest is of the architecture that has its machine type; where several have it (`virt`), the build
decides, or the name of the emulator. A new architecture is one table, and an access module in
`portrait/` where its PCI configuration or its fw_cfg is reached in a way of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import PurePath

import msgspec

from qcompat.arch.machine_type import parse_machine_type
from qcompat.dataset import folder_of, read_table

HERE = "qcompat.arch"
_EMULATOR = re.compile(r"(?:.*[-_.])?(qemu-system-[a-z0-9_]+)(?:[-_.].*)?", re.DOTALL)


class PciPorts(msgspec.Struct, frozen=True):
    """PCI configuration space behind a port for the address and one for the data."""

    address_port: int
    data_port: int


class FwCfgPorts(msgspec.Struct, frozen=True):
    """The fw_cfg device behind ports: that of its 64-bit DMA address."""

    dma_port: int


class Regions(msgspec.Struct, frozen=True):
    """What is reached in memory, by the names of QEMU's regions: where they lie, a build tells.

    `pci` is the window of configuration space (ECAM), `fw_cfg` the register of a DMA address.
    """

    pci: str = ""
    fw_cfg: str = ""


class Board(msgspec.Struct, frozen=True):
    """A board under the short name that recipes use, and the families of its machine types.

    `is_express` says that its PCI root is PCI Express. `memory` is the name of the RAM block that
    `-m` makes (`default-ram-id` of `query-machines`), where it is known. `boots` are the
    families that boot Linux from the guest's memory, under a BIOS. `small` is what a small guest
    has as `-m`.
    """

    name: str
    families: tuple[str, ...]
    is_express: bool
    memory: str = ""
    boots: tuple[str, ...] = ()
    small: str = "128"


class Architecture(msgspec.Struct, frozen=True):
    """What differs between architectures.

    `emulator` is the name of QEMU's program, `package` Debian's package of it (in suites that
    have no such package `former_package`), `firmware_packages` what it needs beside that. A guest
    boots `kernel_package`, of the architecture that Debian calls `debian`. A CPU's QOM type is its
    model and `cpu_suffix`. `default_machine` and `default_cpu` are QEMU's where a command line
    names none. `kvm_on` are the hosts, as `uname -m` names them, on which KVM can run its guests.
    `pci` and `fw_cfg` say how they are reached through ports, `regions` how in memory; what cannot
    be reached is not given, and portraits go without it.
    `runs_too` are other architectures, as libvirt and QEMU name them, whose guests are guests of
    this one; `other_cpu_suffixes` those of their CPUs. `cpu_words` is the property of a CPU with
    its feature words, where it has such. `unmodelled` names states whose contents the rules do not
    know: where such a state differs, nothing certain is said of it.
    The first of `boards` is the one of any machine type that no other claims.
    """

    name: str
    emulator: str
    package: str
    cpu_suffix: str
    default_cpu: str
    debian: str
    kernel_package: str
    boards: tuple[Board, ...]
    default_machine: str = ""
    pci: PciPorts | None = None
    fw_cfg: FwCfgPorts | None = None
    regions: Regions = Regions()
    former_package: str = ""
    firmware_packages: tuple[str, ...] = ()
    kvm_on: tuple[str, ...] = ()
    runs_too: tuple[str, ...] = ()
    other_cpu_suffixes: tuple[str, ...] = ()
    cpu_words: str = ""
    unmodelled: tuple[str, ...] = ()

    def cpu_type(self, model: str) -> str:
        """The QOM type of a CPU model."""
        return f"{model}{self.cpu_suffix}"

    def has(self, machine: str) -> bool:
        """Whether one of its boards claims the machine type, which may be an alias."""
        return any(parse_machine_type(machine).board in each.families for each in self.boards)

    def has_cpu(self, type_: str) -> bool:
        """Whether a QOM type is one of its CPUs."""
        return type_.endswith((self.cpu_suffix, *self.other_cpu_suffixes))


class _ElfMachine(msgspec.Struct, frozen=True):
    number: int
    name: str
    target: str = ""


class _ElfMachines(msgspec.Struct, frozen=True):
    machine: tuple[_ElfMachine, ...]


def architectures() -> Mapping[str, Architecture]:
    """All that have a table, by name. Errors: FileFormatError for a table that is not valid."""
    return _tables()


@cache
def _tables() -> Mapping[str, Architecture]:
    names = sorted(each.name for each in folder_of(HERE).joinpath("tables").iterdir())
    found = (read_table(HERE, f"tables/{n}", Architecture) for n in names if n.endswith(".toml"))
    return {each.name: each for each in found}


def architecture_called(name: str) -> Architecture | None:
    """The architecture whose guests are of the one that libvirt calls `name`; None: none known."""
    return next((e for e in _tables().values() if name in (e.name, *e.runs_too)), None)


def usual() -> Architecture:
    """The architecture of a guest whose command line tells none."""
    return architectures()["x86_64"]


def emulated_by(program: str, host: str) -> str:
    """The architecture of an emulator's guests: as its name tells, or else the host's (`uname -m`).

    Of one without a table the name alone is known.
    """
    name = named_by(program) or host
    known = architecture_called(name)
    return known.name if known else name


def owners_of(machine: str) -> tuple[Architecture, ...]:
    """All architectures that have a machine type, which may be an alias."""
    return tuple(each for each in architectures().values() if each.has(machine))


def architecture_with_cpu(type_: str) -> Architecture | None:
    """The architecture whose CPU a QOM type is; None for one without a table."""
    return next((each for each in architectures().values() if each.has_cpu(type_)), None)


def architecture_of(machine: str) -> Architecture:
    """The architecture that has a machine type; the usual one for a type that no table names."""
    return next((each for each in architectures().values() if each.has(machine)), usual())


def board_of(machine: str) -> Board:
    """The board of a machine type, which may be an alias."""
    board, boards = parse_machine_type(machine).board, architecture_of(machine).boards
    return next((each for each in boards if board in each.families), boards[0])


def main_memory_of(machine: str) -> str:
    """The name of a machine type's main RAM block; empty where no table tells it."""
    board = parse_machine_type(machine).board
    boards = (each for architecture in architectures().values() for each in architecture.boards)
    return next((each.memory for each in boards if board in each.families), "")


def boots_linux(machine: str) -> bool:
    """Whether Linux boots on a machine type; not where no table has the type."""
    board = parse_machine_type(machine).board
    boards = (each for architecture in architectures().values() for each in architecture.boards)
    return any(board in each.boots for each in boards)


def cpu_model(type_: str) -> str:
    """The model of a CPU's QOM type, of whatever architecture."""
    for each in architectures().values():
        if type_.endswith(each.cpu_suffix):
            return type_.removesuffix(each.cpu_suffix)
    return type_


def is_cpu_type(type_: str) -> bool:
    """Whether a QOM type is a CPU's."""
    return any(type_.endswith(each.cpu_suffix) for each in architectures().values())


def named_by(program: str) -> str:
    """The architecture that an emulator's name tells (`/usr/bin/qemu-system-s390x`), or nothing.

    `qemu-kvm` and the like tell none: they are of the host's.
    """
    found = _EMULATOR.fullmatch(PurePath(program).name)
    return found[1].removeprefix("qemu-system-") if found else ""


def elf_machines() -> Mapping[int, str]:
    """Names of architectures by the number in an ELF header."""
    return {each.number: each.name for each in _named()}


def target_directory(name: str) -> str:
    """Where QEMU's source has the code of an architecture, below `target/` and `hw/`."""
    return next((each.target for each in _named() if each.name == name and each.target), name)


@cache
def _named() -> tuple[_ElfMachine, ...]:
    return read_table(HERE, "elf.toml", _ElfMachines).machine
