"""The private root in which a guest's paths exist.

It is the root of a build, below a layer of its own that holds what the guest names (overlayfs).
The layer stays while the build below it changes, as shared storage does in a migration. The caller
has a mount and a network namespace of its own; every address is local in it.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path

from qcompat.builds.build import Build


class NotHadError(Exception):
    """This machine cannot have what the guest names; the text says what and why."""


class Place:
    """What one guest names, below `home`, a directory of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.root = home / "m"
        self.devices: dict[str, str] = {}
        self._loops: list[str] = []
        for name in ("m", "up", "work", "huge"):
            (home / name).mkdir()
        self.upper = home / "up"
        for name in ("tmp", "run", "var/tmp", "root"):
            (self.upper / name).mkdir(parents=True)

    def enter(self, build: Build) -> None:
        """Lay what the guest names over the root of this build."""
        layers = f"lowerdir={build.root},upperdir={self.upper},workdir={self.home / 'work'}"
        _run("mount", "-t", "overlay", "overlay", "-o", layers, str(self.root))

    def leave(self) -> None:
        """Take the build away again."""
        _run("umount", "-l", str(self.root))

    def path(self, named: str) -> Path:
        """Where a named path is made, before a build is entered; its directory exists."""
        here = self.upper / named.lstrip("/")
        here.parent.mkdir(parents=True, exist_ok=True)
        return here

    def block_device(self, named: str, contents: Path) -> None:
        """Have a real block device with these contents at the named path."""
        device = _run("losetup", "-f", "--show", str(contents)).strip()
        self._loops.append(device)
        self.devices[named] = device

    def device(self, named: str, real: str) -> None:
        """Have a device of this machine at the named path."""
        if not Path(real).exists():
            raise NotHadError(f"no {real}")
        self.devices[named] = real

    def listening(self, named: str) -> socket.socket:
        """A real socket that listens at the named path, for a guest that connects to it."""
        path = self.root / named.lstrip("/")  # through the overlay: its inodes are its own
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        held = socket.socket(socket.AF_UNIX)
        directory = os.open(path.parent, os.O_PATH)
        held.bind(f"/proc/self/fd/{directory}/{path.name}")
        os.close(directory)
        held.listen(16)
        return held

    def clear(self) -> None:
        """Give devices back and remove all files."""
        for device in self._loops:
            subprocess.run(["losetup", "-d", device], capture_output=True)
        shutil.rmtree(self.home, ignore_errors=True)

    def wrapped(self, build: Build) -> list[str]:
        """The command in front of the words of a line: the build in this root."""
        command = ["bwrap", "--die-with-parent", "--bind", str(self.root), "/"]
        command += ["--dev", "/dev", "--proc", "/proc", "--ro-bind", "/sys", "/sys"]
        for real in ("/dev/kvm", "/dev/net/tun"):
            command += ["--dev-bind-try", real, real]
        for named, real in self.devices.items():
            command += ["--dev-bind", real, named]
        command += ["--cap-add", "ALL", "--chdir", "/", build.binary]
        return [*command, *(word for place in build.firmware_dirs for word in ("-L", place))]


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise NotHadError(f"{command[0]}: {done.stderr.strip()}")
    return done.stdout
