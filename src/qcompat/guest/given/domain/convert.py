"""A domain as the words with which libvirt would start it, and what they cannot say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import Element

from qcompat.arch.architecture import architectures
from qcompat.guest.given.domain import aliases
from qcompat.guest.given.domain.addresses import mmio, pci, ports, usb
from qcompat.guest.given.domain.defaults import complete
from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.firmware import PLACES, find_loader
from qcompat.guest.given.domain.line import (
    characters,
    controllers,
    extensions,
    host_devices,
    machine,
    memory,
    networks,
    numa,
    others,
    processor,
    seats,
    storage,
    system,
)
from qcompat.guest.given.domain.line.words import Words
from qcompat.guest.given.domain.memory import has_cells
from qcompat.guest.given.domain.read import read_domain
from qcompat.guest.guest import Uncovered

_PARTS: tuple[Callable[[Domain], Words], ...] = (
    system.clock,
    system.sleep_states,
    machine.boot,
    controllers.iommu,
    controllers.holes,
    controllers.controllers,
    memory.memory_devices,
    others.hubs,
    lambda domain: controllers.controllers(domain, ("ccid",)),
    storage.disks,
    others.filesystems,
    networks.networks,
    characters.smartcards,
    characters.serials,
    characters.parallels,
    characters.channels,
    characters.consoles,
    others.tpms,
    seats.inputs,
    seats.audio,
    seats.videos,
    seats.sounds,
    others.watchdogs,
    characters.redirections,
    host_devices.host_devices,
    others.balloons,
    others.rngs,
    others.core_dumps,
    others.encryption,
    extensions.added,
    others.panics,
    others.shared_memory,
    others.sockets,
    others.ciphers,
    others.persistent_store,
)
"""The parts behind the machine and its memory, in the order in which libvirt writes them."""


def words_of(
    element: Element, places: tuple[Path, ...] = PLACES
) -> tuple[tuple[str, ...], tuple[Uncovered, ...]]:
    """The words for a domain, the emulator first, and what they do not say of it.

    `places` is where firmware is described. Errors: GuestError.
    """
    domain = read_domain(element)
    complete(domain)
    ports.assign_serial_ports(domain)
    mmio.assign(domain)
    pci.assign(domain)
    usb.assign(domain)
    ports.assign_memory_slots(domain)
    aliases.assign(domain)
    words = tuple(_words(domain, places))
    return words, tuple(dict.fromkeys(domain.uncovered))


def _emulator(domain: Domain) -> str:
    return architectures()[domain.architecture].emulator


def _words(domain: Domain, places: tuple[Path, ...]) -> Words:
    loader = find_loader(domain, places)
    yield (domain.element.findtext("devices/emulator") or "").strip() or _emulator(domain)
    if domain.name:
        yield from ("-name", f"guest={domain.name.replace(',', ',,')}")
    yield from machine.machine(domain, loader)
    yield from processor.cpu(domain)
    yield from machine.loader_words(loader)
    yield from memory.memory(domain)
    yield from processor.smp(domain)
    yield from processor.io_threads(domain)
    if has_cells(domain):
        yield from numa.numa(domain)
    yield from system.identity(domain)
    yield from ("-display", "none")
    yield from ("-no-user-config", "-nodefaults")
    for part in _PARTS:
        yield from part(domain)
