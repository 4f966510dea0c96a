"""What `incus config show --expanded` says of an instance, and its options while they are made."""

from __future__ import annotations

import re

import msgspec

from qcompat.errors import UNDECODABLE, GuestError
from qcompat.guest.given.form import shown
from qcompat.guest.given.incus.bus import Bus
from qcompat.guest.given.tree import Node
from qcompat.guest.guest import Loss, Uncovered
from qcompat.guest.known_options import known_options
from qcompat.guest.option import format_fields, parse_fields

RUNNING = (
    "a running instance tells: start it with migration.stateful=true, and give incus config show "
    "--expanded NAME again"
)
_TRUE = frozenset({"true", "1", "yes", "on"})
_MOST_CPUS = 1024
_GIB = 1 << 30


class Topology(msgspec.Struct, frozen=True):
    """The processors of a boot state; `explicit`: all are there from the start."""

    sockets: int = 1
    cores: int = 1
    threads: int = 1
    explicit: bool = False
    vcpus: dict[str, int] | None = None

    @property
    def is_fixed(self) -> bool:
        return self.explicit or self.vcpus is not None


class Memory(msgspec.Struct, frozen=True):
    """The memory of a boot state in bytes: at the start, at most, and what was plugged since."""

    base: int = _GIB
    max: int = _GIB
    extra: tuple[int, ...] | None = None


class BootState(msgspec.Struct, frozen=True):
    """What Incus keeps of the start of an instance that may move (volatile.vm.boot_state)."""

    version: int = -1
    cpu_type: str = ""
    cpu_topology: Topology | None = None
    max_cpus: int = 0
    machine_type: str = ""
    memory_topology: Memory | None = None


class Instance(msgspec.Struct):
    """An instance: its configuration, and the words so far."""

    config: Node
    devices: Node
    boot: BootState
    words: list[str]
    bus: Bus
    uncovered: list[Uncovered] = []

    def key(self, name: str) -> str:
        """A value of the configuration. Errors: GuestError."""
        return self.config[name].text()

    def flag(self, name: str) -> bool:
        return self.key(name).lower() in _TRUE

    @property
    def is_windows(self) -> bool:
        return "windows" in self.key("image.os").lower()

    @property
    def may_move(self) -> bool:
        return self.flag("migration.stateful")

    def add(self, name: str, value: str) -> None:
        """An option of the command line, or one that is given through the monitor."""
        self.words += (f"-{name}", value)

    def write(self, name: str, text: str) -> None:
        """An option as a section of qemu.conf, whose keys Incus writes in alphabetical order."""
        implied = known_options()[name].implied
        fields = sorted(parse_fields(text, implied), key=lambda pair: (pair[0] != "id", pair[0]))
        self.add(name, format_fields(tuple(fields), implied))

    def device(self, text: str) -> None:
        """A device of qemu.conf."""
        self.write("device", text)

    def open(self, subject: str, reason: str, loses: Loss = "state") -> None:
        """Something of the guest that the configuration does not say."""
        self.uncovered.append(Uncovered(subject, f"{reason}; {RUNNING}", loses))

    def place(self, group: str = "", *, direct: bool = False) -> str:
        """A place on the bus, as fields; a port that is made for it is written first."""
        port, fields = self.bus.allocate(group, direct=direct)
        if port:
            self.device(port)
        return fields


def instance_in(document: Node) -> Instance:
    """The instance. Errors: GuestError."""
    config = document["expanded_config"] or document["config"]
    devices = document["expanded_devices"] or document["devices"]
    if not any(device["path"].text() == "/" for _, device in devices.members()):
        raise GuestError(
            "the instance has no root disk", "incus config show --expanded NAME has it"
        )
    if (architecture := document["architecture"].text("x86_64")) != "x86_64":
        raise GuestError(
            f"an instance is read for x86_64 alone, not {architecture[:20]!r}", RUNNING
        )
    made = Instance(config, devices, _boot_state(config), [], Bus())
    if not made.boot.cpu_topology:
        made.boot = msgspec.structs.replace(
            made.boot, cpu_topology=topology(made.key("limits.cpu"))
        )
    return made


def _boot_state(config: Node) -> BootState:
    text = config["volatile.vm.boot_state"].text()
    if not text:
        return BootState(machine_type=config["volatile.vm.definition"].text())
    try:
        state = msgspec.json.decode(text, type=BootState)
    except (msgspec.DecodeError, *UNDECODABLE) as error:
        raise GuestError("volatile.vm.boot_state is not in its form", "show it anew") from error
    if made := state.cpu_topology:
        _refuse_large(made)
    return state


def topology(limit: str) -> Topology:
    """The processors of limits.cpu: a number, sockets=…,cores=…,threads=…, or a set of the host's.

    Errors: GuestError.
    """
    if "=" in limit:
        parts = dict(part.strip().partition("=")[::2] for part in limit.split(","))
        sockets, cores, threads = (
            _count(parts.get(key, "1"), limit) for key in ("sockets", "cores", "threads")
        )
        return _refuse_large(Topology(sockets, cores, threads, explicit=True))
    if re.fullmatch(r"\d{1,5}", limit or "1", re.ASCII):
        return _refuse_large(Topology(cores=int(limit or 1)))
    pinned = [_pinned(part, limit) for part in limit.split(",")]
    return _refuse_large(Topology(cores=sum(pinned), vcpus={}))


def _count(text: str, limit: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,3}", text.strip(), re.ASCII):
        raise GuestError(f"limits.cpu is {shown(limit)}", "write 4, or sockets=1,cores=4,threads=1")
    return int(text)


def _pinned(part: str, limit: str) -> int:
    found = re.fullmatch(r"(\d{1,4})(?:-(\d{1,4}))?", part.strip(), re.ASCII)
    if found is None or int(found[2] or found[1]) < int(found[1]):
        raise GuestError(f"limits.cpu is {shown(limit)}", "write 4, or sockets=1,cores=4,threads=1")
    return int(found[2] or found[1]) - int(found[1]) + 1


def _refuse_large(made: Topology) -> Topology:
    counts = (made.sockets, made.cores, made.threads)
    if min(counts) < 1 or max(counts) > _MOST_CPUS or counts[0] * counts[1] > _MOST_CPUS:
        raise GuestError("limits.cpu gives no processors, or too many", "correct limits.cpu")
    return made
