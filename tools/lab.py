"""Prepares what tests with real QEMUs need: packages, builds of five suites, a kernel, libvirt.

Run by `make test` in the finished virtual environment. It never fails: it prints what it could
not fetch, and the tests that need it are skipped for that reason. The builds lie where qcompat
keeps them for the user, outside this repository, and are fetched once.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from qcompat.arch.architecture import usual
from qcompat.errors import QcompatError
from qcompat.linux.kernel import obtain_kernel
from tools import libvirt_root, libvirt_source

SUITES = {
    "bullseye": r"\+deb11u\d+",
    "bookworm": r"\+deb12u\d+(\+b\d+)?$",
    "bookworm-backports": r"~bpo12\+",
    "trixie": r"\+deb13u\d+(\+b\d+)?$",
    "sid": r"-\d+(\+b\d+)?$",
}
"""How the version of a package tells the suite that it is from."""
FOREIGN = {"aarch64": ("bookworm", "trixie")}
"""Suites of which builds of another architecture are wanted too."""
PACKAGES = {
    "bubblewrap": "bwrap",
    "iproute2": "ip",
    "util-linux": "unshare",
    "strace": "strace",
    "debian-archive-keyring": "/usr/share/keyrings/debian-archive-keyring.gpg",
    "qemu-utils": "qemu-img",
    "acpica-tools": "iasl",
    "openssl": "openssl",
    "mount": "losetup",
    "ovmf": "/usr/share/OVMF/OVMF_CODE_4M.fd",
    "swtpm": "swtpm",
    "gzip": "gzip",
    "bzip2": "bzip2",
    "xz-utils": "xz",
    "lzop": "lzop",
    "zstd": "zstd",
    "chromium": "chromium",
    "rpm": "rpmbuild",
    "createrepo-c": "createrepo_c",
    "gpgv": "gpgv",
    "apt-utils": "apt-ftparchive",
    "gnupg": "gpg",
    "patchelf": "patchelf",
    "postgresql": "/usr/share/postgresql-common",
}
ATTEMPTS = 3
ENVIRONMENT_FAILED = 4


def main() -> int:
    """Install, fetch, and say what is missing."""
    if missing := install_packages():
        print(f"lab: missing {' '.join(missing)}; tests that need them will be skipped")
        print(f"lab: hint: apt install {' '.join(missing)}")
    for architecture, suites in {usual().name: tuple(SUITES), **FOREIGN}.items():
        for suite in suites_without_build(registered_packages(architecture), suites):
            if not fetch(suite, architecture):
                print(
                    f"lab: debian/{suite} for {architecture} could not be fetched; its tests will "
                    "be skipped",
                    flush=True,
                )
    for release, suite in libvirt_root.SUITES.items():
        if os.geteuid() == 0 and (reason := make_libvirt_ready(suite)):
            print(f"lab: libvirt {release}: {reason}; its tests will be skipped", flush=True)
    if reason := _why_not(libvirt_source.fetch_pairs):
        print(f"lab: libvirt's own pairs: {reason}; their test will be skipped", flush=True)
    if reason := make_kernel_ready():
        print(f"lab: {reason}; tests of live trials will be skipped", flush=True)
    return 0


def make_kernel_ready() -> str:
    """Get the kernel of live trials into qcompat's cache; return why it could not be fetched."""
    return _why_not(lambda: obtain_kernel(usual()))


def make_libvirt_ready(suite: str) -> str:
    """Get the libvirt of a suite into qcompat's cache; return why it could not be fetched."""
    return _why_not(lambda: libvirt_root.fetch_root(suite))


def _why_not(fetch: Callable[[], object]) -> str:
    reason = ""
    for attempt in range(ATTEMPTS):
        time.sleep(10 * attempt)
        try:
            fetch()
        except QcompatError as error:
            reason = error.message
        else:
            return ""
    return reason


def missing_packages() -> list[str]:
    """The Debian packages whose command or file is not on this machine."""
    return [
        package
        for package, sign in PACKAGES.items()
        if not shutil.which(sign) and not Path(sign).exists()
    ]


def install_packages() -> list[str]:
    """Install what is missing where this is allowed; return what is missing still."""
    missing = missing_packages()
    if not missing or os.geteuid() != 0 or not shutil.which("apt-get"):
        return missing
    print(f"lab: installing {' '.join(missing)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["-y", "--no-install-recommends", "install", *missing]):
        subprocess.run(["apt-get", "-q", *command], stdin=subprocess.DEVNULL, env=environment)
    return missing_packages()


def registered_packages(architecture: str) -> list[str]:
    """The package strings of the registered builds of an architecture that can run."""
    listed = _qcompat("builds", "list", "--json", capture=True)
    builds = json.loads(listed.stdout)["builds"] if listed.returncode == 0 else []
    return [
        build["identity"]["package"]
        for build in builds
        if build["architecture"] == architecture and not build["unusable"]
    ]


def suites_without_build(packages: Iterable[str], suites: Iterable[str] = SUITES) -> list[str]:
    """Those of `suites` that none of the packages is from."""
    known = tuple(packages)
    return [
        suite for suite in suites if not any(re.search(SUITES[suite], package) for package in known)
    ]


def fetch(suite: str, architecture: str) -> bool:
    """Have the build of one suite registered; mirrors have bad minutes, so try again."""
    for attempt in range(ATTEMPTS):
        time.sleep(10 * attempt)
        code = _qcompat("builds", "fetch", f"debian/{suite}", "--arch", architecture).returncode
        if code != ENVIRONMENT_FAILED:
            return code == 0
    return False


def _qcompat(*arguments: str, capture: bool = False) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("qcompat")), *arguments]
    return subprocess.run(command, stdin=subprocess.DEVNULL, text=True, capture_output=capture)


if __name__ == "__main__":
    sys.exit(main())
