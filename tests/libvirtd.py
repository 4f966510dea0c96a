"""Real libvirt daemons for tests, each with a state of its own, and qcompat for their hooks.

A daemon runs in bubblewrap in the root of its suite (`tools.libvirt_root`), with private
directories in place of /etc, /run and /var/lib. It is ended with its guests. Directory `shared`
is seen by all daemons as /shared: their sockets, disks, and calls of qcompat, which runs outside.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import pytest

from qcompat.builds.run import sandbox
from tools.libvirt_root import SUITES, root_of

_DAEMON = """host_uuid = "{uuid}"
auth_unix_rw = "none"
auth_unix_ro = "none"
unix_sock_dir = "/shared/{name}"
log_outputs = "3:file:/var/log/libvirt/libvirtd.log"
"""
_QEMU = """security_driver = "none"
namespaces = []
cgroup_controllers = []
user = "root"
group = "root"
stdio_handler = "file"
remember_owner = 0
dynamic_ownership = 0
"""
_PASSWD = "root:x:0:0::/root:/bin/sh\nlibvirt-qemu:x:64055:103::/:/bin/sh\n"
_GROUP = "root:x:0:\nkvm:x:103:\nlibvirt-qemu:x:64055:\nlibvirt:x:104:\n"
_QCOMPAT = """#!/bin/sh
d=/shared/calls/$(date +%s%N)-$$
mkdir -p "$d"
for word in "$@"; do printf '%s\\0' "$word"; done > "$d/words"
: > "$d/ready"
while [ ! -e "$d/code" ]; do sleep 0.05; done
cat "$d/out"
exit "$(cat "$d/code")"
"""


def skip_without_libvirt() -> None:
    """Skip the test where no daemon can run, with the reason."""
    if os.geteuid() != 0:
        pytest.skip("libvirt's hooks run only for its system daemon, which needs root")
    if lacking := sandbox.why_not():
        pytest.skip(f"libvirt runs in bubblewrap, and {lacking}")
    if missing := [suite for suite in SUITES.values() if not root_of(suite).is_dir()]:
        pytest.skip(f"libvirt of {' and '.join(missing)} is not here: `make test` fetches it")


class Qcompat(threading.Thread):
    """The qcompat that hooks call: each call is carried out here, in the order of the calls."""

    def __init__(self, shared: Path, store: str) -> None:
        super().__init__(daemon=True)
        self._calls, self._store, self._ends = shared / "calls", store, False
        self.told: list[list[str]] = []
        self._calls.mkdir(parents=True)
        (shared / "bin").mkdir()
        (shared / "bin/qcompat").write_text(_QCOMPAT)
        (shared / "bin/qcompat").chmod(0o755)

    def run(self) -> None:
        while not self._ends:
            for call in self._waiting():
                self._answer(call)
            time.sleep(0.05)

    def ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The real qcompat, with the store of the guests."""
        program = Path(sys.executable).with_name("qcompat")
        environment = {**os.environ, "QCOMPAT_STORE": self._store}
        return subprocess.run(
            [program, *words], capture_output=True, text=True, env=environment, check=False
        )

    def is_busy(self) -> bool:
        """Whether a hook waits for an answer."""
        return any(not (each / "code").exists() for each in self._calls.iterdir())

    def end(self) -> None:
        """Answer no more calls."""
        self._ends = True
        self.join()

    def _waiting(self) -> list[Path]:
        ready = (each for each in self._calls.iterdir() if (each / "ready").exists())
        return sorted(each for each in ready if not (each / "code").exists())

    def _answer(self, call: Path) -> None:
        words = (call / "words").read_bytes().decode().split("\0")[:-1]
        done = self.ask(*words)
        if words[:2] != ["guest", "list"]:
            self.told.append(words[:4])
        (call / "out").write_text(done.stdout)
        (call / "code.new").write_text(str(done.returncode))
        (call / "code.new").rename(call / "code")


class Libvirtd:
    """One daemon, of a suite; `hook` is the text of its hook for QEMU."""

    def __init__(self, suite: str, place: Path, shared: Path, hook: str = "") -> None:
        self.name = f"{suite}-{uuid.uuid4().hex[:4]}"
        self.state, self.shared, self._root = place / self.name, shared, root_of(suite)
        for directory in ("etc/hooks", "run", "lib", "log/qemu", "cache"):
            (self.state / directory).mkdir(parents=True)
        (shared / self.name).mkdir(parents=True)
        etc = self.state / "etc"
        (etc / "libvirtd.conf").write_text(_DAEMON.format(uuid=uuid.uuid4(), name=self.name))
        (etc / "qemu.conf").write_text(_QEMU)
        (self.state / "passwd").write_text(_PASSWD)
        (self.state / "group").write_text(_GROUP)
        if hook:
            (etc / "hooks/qemu").write_text(hook)
            (etc / "hooks/qemu").chmod(0o755)
        self._start()

    @property
    def uri(self) -> str:
        """How virsh, and another daemon, reaches it."""
        return f"qemu+unix:///system?socket=/shared/{self.name}/libvirt-sock"

    def virsh(self, *words: str) -> str:
        """What virsh prints. Errors: RuntimeError where it fails."""
        done = subprocess.run(
            self._inside("virsh", "-c", self.uri, *words),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    def install_virsh(self, directory: Path) -> None:
        """Put a `virsh` into the directory, for a PATH: this daemon's own, which reaches `uri`."""
        words = shlex.join(self._inside("virsh"))
        (directory / "virsh").write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        (directory / "virsh").chmod(0o755)

    def end(self) -> None:
        """End it with all of its guests."""
        self._daemon.kill()
        self._daemon.wait()
        shutil.rmtree(self.state, ignore_errors=True)

    def _start(self) -> None:
        with (self.state / "out").open("w") as out:
            self._daemon = subprocess.Popen(
                self._inside("libvirtd", "--pid-file", "/run/libvirtd.pid"),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        until = time.monotonic() + 60
        while not (self.shared / self.name / "libvirt-sock").exists():
            if self._daemon.poll() is not None or time.monotonic() > until:
                raise RuntimeError((self.state / "out").read_text())
            time.sleep(0.1)

    def _inside(self, *words: str) -> list[str]:
        command = ["bwrap", "--die-with-parent", "--unshare-pid", "--unshare-uts", "--unshare-net"]
        command += ["--hostname", self.name, "--clearenv", "--setenv", "HOME", "/root"]
        command += ["--setenv", "PATH", "/shared/bin:/usr/sbin:/usr/bin", "--tmpfs", "/"]
        command += ["--ro-bind", f"{self._root}/usr", "/usr", "--tmpfs", "/etc", "--tmpfs", "/run"]
        for name in ("bin", "sbin", "lib", "lib64"):
            command += ["--symlink", f"usr/{name}", f"/{name}"]
        for name in ("passwd", "group"):
            command += ["--ro-bind", f"{self.state}/{name}", f"/etc/{name}"]
        places = {"etc": "/etc", "run": "/run", "lib": "/var/lib", "log": "/var/log"}
        for own, place in (*places.items(), ("cache", "/var/cache")):
            command += ["--bind", f"{self.state}/{own}", f"{place}/libvirt"]
        command += ["--bind", str(self.shared), "/shared", "--tmpfs", "/tmp", "--proc", "/proc"]
        return [*command, "--dev-bind", "/dev", "/dev", "--ro-bind", "/sys", "/sys", "--", *words]
