"""Where Debian's packages come from: the sites that the host's own apt uses, and its keys.

No site is known here by name: it is the host's, or the one that the user gives.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from qcompat.builds.program import run
from qcompat.errors import FetchError

_FORMAT = "$(SITE)|$(RELEASE)|$(ORIGIN)|$(LABEL)|$(SIGNED_BY)"
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
    told = run(["apt-get", "indextargets", "--format", _FORMAT]).output
    host = host_sites(told.splitlines())
    if not (main := mirror or host.main):
        raise FetchError(
            "no mirror of Debian is known: the apt of this machine uses none",
            "name one: qcompat builds fetch --mirror URL debian/SUITE",
        )
    return Sites(main.rstrip("/"), (security_mirror or host.security).rstrip("/"))


def host_sites(targets: Iterable[str]) -> Sites:
    """The sites of Debian's suites among apt's index targets, one `_FORMAT` line each."""
    main = security = ""
    for line in targets:
        site, release, origin, label, signed_by = line.split("|", 4)
        if site.startswith("cdrom:") or not _is_debian(origin, signed_by):
            continue
        if label == "Debian-Security" or release.endswith("-security"):
            security = security or site
        elif "Backports" not in label:
            main = main or site
    return Sites(main, security)


def find_keyring() -> str:
    """The files with Debian's archive keys, in the form of `signed-by`. Errors: FetchError."""
    for directory, pattern in _KEYRINGS:
        if found := sorted(str(path) for path in Path(directory).glob(pattern)):
            return ",".join(path for path in found if "removed" not in path)
    raise FetchError(
        "the keys that Debian signs its packages with are not on this machine",
        "install the package debian-archive-keyring",
    )


def _is_debian(origin: str, signed_by: str) -> bool:
    """Before the first `apt-get update` a target has no origin, but its sources name a key."""
    unknown = origin in ("", "$(ORIGIN)")  # apt leaves a field as it is that it has no value for
    return origin == "Debian" or (unknown and "debian-archive" in signed_by)
