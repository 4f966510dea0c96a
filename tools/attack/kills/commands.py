"""The commands that are killed: each kind that starts a QEMU or writes something."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from tools.attack.room import Room, with_registered_builds

QCOMPAT = str(Path(sys.executable).with_name("qcompat"))
_SMALL = "--machine pc-q35-7.2 --device virtio-net-pci --accel tcg"
_WHOLE = (
    "--accel tcg -- -machine pc-q35-7.2 -m 128M -nodefaults -device virtio-blk-pci,drive=d "
    "-blockdev null-co,node-name=d,read-zeroes=on -device e1000"
)
LINES: Mapping[str, str] = {
    "check": f"check {{a}} {{b}} {_SMALL}",
    "portrait take": f"portrait take {{a}} -o {{place}}/tmp/p.qcp {_WHOLE}",
    "prove": f"prove {{a}} {{b}} {_WHOLE}",
    "prove of a chain": f"prove {{a}} {{b}} {{a}} {_SMALL}",
    "prove --variant multifd": f"prove {{a}} {{b}} --variant multifd {_SMALL}",
    "prove --live": f"prove {{a}} {{b}} --live {_SMALL}",
    "repair": f"repair {{a}} {{b}} {_SMALL}",
    "repair --prove": f"repair {{b}} {{a}} --prove {_WHOLE}",
    "matrix": f"matrix {{a}} {{b}} --check --jobs 2 {_SMALL}",
    "machine list": "machine list {c}",
    "carry": "carry --guest {place}/home/argv --from {a} --to {b}",
    "builds add": "builds add again {binary} --root {root}",
    "host capture": "host capture {a} -o {place}/tmp/host.json",
    "guest start": f"guest start new {{a}} {_WHOLE}",
    "guest moved": "guest moved old {b}",
}
LONGEST = 12.0
"""Seconds from the start within which a command is killed, if it takes so long."""
_GUEST = "qemu-system-x86_64 -machine pc-q35-7.2,accel=tcg -m 128M -nodefaults -device e1000"


class Command(msgspec.Struct, frozen=True):
    """One of the lines, its usual exit code, and how long it takes undisturbed, in seconds."""

    name: str
    code: int
    seconds: float


class Builds(msgspec.Struct, frozen=True):
    """Two builds that trials go between, one whose machine types nobody asked for yet."""

    a: str
    b: str
    c: str
    binary: str
    root: str


def registered(home: Path) -> Builds:
    """Three of the builds that are registered there."""
    names = sorted(path.stem for path in (home / "builds").glob("debian-*.json"))
    if len(names) < 3:
        raise SystemExit("three builds are needed: python -m tools.lab")
    a, b, c = names[0], names[1], names[2]
    build = json.loads((home / "builds" / f"{a}.json").read_bytes())["build"]
    return Builds(a, b, c, build["binary"], build["root"])


def words(name: str, room: Room, builds: Builds) -> list[str]:
    """The command line of one of `LINES` in a room."""
    line = LINES[name].format(place=room.place, **msgspec.structs.asdict(builds))
    return [QCOMPAT, *line.split()]


def template(place: Path) -> tuple[Room, Builds]:
    """A room with builds, and a guest that can move."""
    room = with_registered_builds(place)
    builds = registered(room.home)
    (room.home / "argv").write_text(_GUEST)
    start = [QCOMPAT, "guest", "start", "old", builds.a, *_WHOLE.split()]
    subprocess.run(start, env=room.environment(), check=True, stdout=subprocess.DEVNULL)
    for path in (room.cache / "portraits", room.temporary):
        subprocess.run(["rm", "-rf", str(path)], check=True)
    room.temporary.mkdir()
    return room, builds
