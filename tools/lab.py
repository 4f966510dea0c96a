"""Makes ready what tests with real QEMUs need: Debian packages, and builds of five suites.

Run by `make test` in the finished virtual environment. It never fails: what could not be
had is said here, and the tests that need it are skipped with the same word. The builds lie
where qcompat keeps them for the user, outside this repository, and are fetched once.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

SUITES = ("bullseye", "bookworm", "bookworm-backports", "trixie", "sid")
PACKAGES = {
    "bubblewrap": "bwrap",
    "iproute2": "ip",
    "util-linux": "unshare",
    "debian-archive-keyring": "/usr/share/keyrings/debian-archive-keyring.gpg",
}
ATTEMPTS = 3


def main() -> int:
    """Install, fetch, and say what is missing."""
    missing = install_packages()
    if missing:
        print(f"lab: missing {' '.join(missing)}; tests that need them will be skipped")
        print(f"lab: hint: apt install {' '.join(missing)}")
    for suite in SUITES:
        if not fetch(suite):
            print(f"lab: debian/{suite} could not be had; its tests will be skipped")
    return 0


def missing_packages() -> list[str]:
    """The Debian packages whose command or file is not on this machine."""
    return [
        package
        for package, sign in PACKAGES.items()
        if not shutil.which(sign) and not Path(sign).is_file()
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


def fetch(suite: str) -> bool:
    """Have the build of one suite registered; mirrors have bad minutes, so try again."""
    command = [str(Path(sys.executable).with_name("qcompat")), "builds", "fetch", f"debian/{suite}"]
    for attempt in range(ATTEMPTS):
        if subprocess.run(command, stdin=subprocess.DEVNULL).returncode == 0:
            return True
        time.sleep(5 * attempt)
    return False


if __name__ == "__main__":
    sys.exit(main())
