"""Where Debian's packages come from: the sites that the host's own apt uses, and its keys.

No site is known here by name: it is the host's, or the one that the user gives.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable
from pathlib import Path

import msgspec

from qcompat.builds.fetch.tool import run
from qcompat.errors import FetchError

_FORMAT = "$(SITE)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)|$(LABEL)"
_KEYRINGS = (
    ("/usr/share/keyrings", "debian-archive-keyring.gpg"),
    ("/usr/share/keyrings", "debian-archive-keyring.pgp"),
    ("/usr/share/keyrings", "debian-archive-*-*.gpg"),
    ("/etc/apt/trusted.gpg.d", "debian-archive-*"),
)


class Sites(msgspec.Struct, frozen=True):
    """`main` serves the suites, `security` their security suites (empty: none is known)."""

    main: str
    security: str = ""


def find_sites(mirror: str = "", security_mirror: str = "") -> Sites:
    """The sites that the user named, else those of the host's apt. Errors: FetchError."""
    host = host_sites(_targets())
    if not host.main:  # before the first `apt-get update` apt does not know whose the suites are
        host = host_sites(_targets("--no-release-info"), _codename())
    if not (main := mirror or host.main):
        raise FetchError(
            "no mirror of Debian is known: the apt of this machine uses none",
            "name one: qcompat builds fetch --mirror URL debian/SUITE",
        )
    return Sites(main.rstrip("/"), (security_mirror or host.security).rstrip("/"))


def host_sites(targets: Iterable[str], codename: str = "") -> Sites:
    """The sites of Debian's suites among apt's index targets, one `_FORMAT` line each.

    Of targets without an origin, the suites of the host's own release count as Debian's.
    """
    main = security = ""
    for line in targets:
        site, release, component, origin, label = line.split("|")
        known = origin == "Debian" and not label.endswith("Backports")
        own = origin == "$(ORIGIN)" and component == "main" and codename != ""
        if label == "Debian-Security" or (own and release == f"{codename}-security"):
            security = security or site
        elif known or (own and release in (codename, f"{codename}-updates")):
            main = main or site
    return Sites(main, security)


def _targets(*options: str) -> list[str]:
    done = run(["apt-get", "indextargets", *options, "--format", _FORMAT])
    return [line for line in done.output.splitlines() if not line.startswith("cdrom:")]


def _codename() -> str:
    """The release that the host runs, empty where it is not Debian."""
    try:
        told = platform.freedesktop_os_release()
    except OSError:
        return ""
    return told.get("VERSION_CODENAME", "") if told["ID"] == "debian" else ""


def find_keyring() -> str:
    """The files with Debian's archive keys, in the form of `signed-by`. Errors: FetchError."""
    for directory, pattern in _KEYRINGS:
        if found := sorted(str(path) for path in Path(directory).glob(pattern)):
            return ",".join(path for path in found if "removed" not in path)
    raise FetchError(
        "the keys that Debian signs its packages with are not on this machine",
        "install the package debian-archive-keyring",
    )
