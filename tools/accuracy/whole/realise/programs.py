"""The real programs behind devices: a TPM emulator, and those that come with QEMU."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tools.accuracy.whole.realise.place import NotHadError, Place

DISK_BYTES = 16 << 20
_QUEUES = 4
_TOPS = ("usr", "etc", "lib", "lib64", "bin", "sbin")
_OWN = ("/tmp", "/run", "/var")  # noqa: S108 - in a sandbox of its own
_SHARED = "shared-directory"


class Programs:
    """Starts programs for one guest; `tools` are the roots of builds, where QEMU's own lie."""

    def __init__(self, place: Place, tools: Sequence[Path]) -> None:
        self._place = place
        self._tools = tools
        self._processes: list[subprocess.Popen[bytes]] = []

    def stop(self) -> None:
        """End all of them."""
        for process in self._processes:
            process.kill()
            process.wait()

    def tpm(self, named: str) -> None:
        """An emulator that listens there. Errors: NotHadError, as for all of these."""
        if not shutil.which("swtpm"):
            raise NotHadError("no swtpm")
        state = tempfile.mkdtemp(dir=self._place.home)
        command = ["bwrap", "--dev-bind", "/", "/", "--bind", str(self._place.root), "/mnt"]
        command += ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={state}"]
        self._start([*command, "--ctrl", f"type=unixio,path=/mnt{named}"])
        self._wait_for(named)

    def disk(self, named: str) -> None:
        """A vhost-user-blk process that listens there."""
        image = self._place.home / "up" / "vhost-user-disk"
        if not image.exists():
            with image.open("wb") as file:
                file.truncate(DISK_BYTES)
        export = f"type=vhost-user-blk,id=e,node-name=d,writable=on,num-queues={_QUEUES}"
        at = f"addr.type=unix,addr.path=/mnt{named}"
        disk = "driver=file,node-name=d,filename=/mnt/vhost-user-disk"
        self._program("qemu-storage-daemon", "--blockdev", disk, "--export", f"{export},{at}")
        self._wait_for(named)

    def directory(self, named: str) -> None:
        """A virtiofsd that listens there."""
        (self._place.root / _SHARED).mkdir(exist_ok=True)
        words = ["-o", f"source=/mnt/{_SHARED}", "-o", "sandbox=chroot"]
        self._program("virtiofsd", f"--socket-path=/mnt{named}", *words)
        self._wait_for(named)

    def persistent_reservations(self, named: str) -> None:
        """QEMU's helper that listens there."""
        self._program("qemu-pr-helper", "-k", f"/mnt{named}")
        self._wait_for(named)

    def _program(self, name: str, *words: str) -> None:
        """A program that comes with a build, in its root; the guest's root is at /mnt."""
        for root in self._tools:
            for place in ("usr/bin", "usr/lib/qemu"):
                if (root / place / name).is_file():
                    self._start(_inside(root, self._place.root, f"/{place}/{name}", words))
                    return
        raise NotHadError(f"no {name} in any build")

    def _start(self, command: list[str]) -> None:
        log = (self._place.home / "peers.log").open("ab")
        self._processes.append(
            subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        )

    def _wait_for(self, named: str, seconds: float = 20) -> None:
        until = time.monotonic() + seconds
        while not (self._place.root / named.lstrip("/")).exists():
            if time.monotonic() > until or self._processes[-1].poll() is not None:
                raise NotHadError(f"nothing listens at {named}: {self._log()}")
            time.sleep(0.02)

    def _log(self) -> str:
        return (self._place.home / "peers.log").read_text(errors="replace")[-300:]


def _inside(root: Path, guest: Path, program: str, words: Sequence[str]) -> list[str]:
    layers = [word for top in _TOPS for word in _bound(root, top)]
    own = [word for top in _OWN for word in ("--tmpfs", top)]
    mounts = ["--proc", "/proc", "--dev", "/dev", *own, "--bind", str(guest), "/mnt"]
    rights = ["--die-with-parent", "--cap-add", "ALL"]
    return ["bwrap", *rights, *layers, *mounts, program, *words]


def _bound(root: Path, top: str) -> list[str]:
    place = root / top
    if place.is_symlink():
        return ["--symlink", str(place.readlink()), f"/{top}"]
    return ["--ro-bind", str(place), f"/{top}"] if place.exists() else []
