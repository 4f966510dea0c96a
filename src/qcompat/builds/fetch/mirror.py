"""Where packages come from: the sites that the host's own apt uses.

No site is known here by name: it is the host's, or the one that the user gives.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable

import msgspec

from qcompat.builds.fetch.archive import Archive, archive_called
from qcompat.builds.fetch.tool import run
from qcompat.errors import FetchError

_FORMAT = "$(SITE)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)|$(LABEL)"
_DEBIAN = archive_called("debian")


class Sites(msgspec.Struct, frozen=True):
    """`main` serves the suites, `security` their security suites (empty: none is known).

    Those that the user named are `named`: their Release files have to be in date, whatever the
    host's apt is told about its own mirror, which may be frozen.
    """

    main: str
    security: str = ""
    named: tuple[str, ...] = ()


def find_sites(mirror: str = "", security_mirror: str = "", archive: Archive = _DEBIAN) -> Sites:
    """The sites that the user named, else those of the host's apt. Errors: FetchError.

    Security suites lie beside the others on a mirror of any archive but Debian's.
    """
    host = Sites("")
    if not (mirror and (security_mirror or archive != _DEBIAN)):
        host = host_sites(_targets(), archive=archive)
        if not host.main:  # before the first `apt-get update` apt does not know whose suites are
            host = host_sites(_targets("--no-release-info"), _codename(archive), archive)
    if not (main := mirror or host.main):
        raise FetchError(
            f"no mirror of {archive.origin or archive.name} is known: the apt of this machine uses "
            "none",
            f"name one: qcompat builds fetch --mirror URL {archive.name}/SUITE",
        )
    security = security_mirror or ("" if mirror and archive != _DEBIAN else host.security)
    if archive != _DEBIAN:
        security = security or main
    named = (each.rstrip("/") for each in (mirror, security_mirror) if each)
    return Sites(main.rstrip("/"), security.rstrip("/"), tuple(named))


def host_sites(targets: Iterable[str], codename: str = "", archive: Archive = _DEBIAN) -> Sites:
    """The sites of an archive's suites among apt's index targets, one `_FORMAT` line each.

    Of targets without an origin, the suites of the host's own release count as the archive's.
    """
    main = security = ""
    for line in targets:
        site, release, component, origin, label = line.split("|")
        known = origin == archive.origin != "" and not label.endswith("Backports")
        own = origin == "$(ORIGIN)" and component == "main" and codename != ""
        is_security = release.endswith("-security") or label == "Debian-Security"
        if is_security and (known or (own and release == f"{codename}-security")):
            security = security or site
        elif known or (own and release in (codename, f"{codename}-updates")):
            main = main or site
    return Sites(main, security)


def _targets(*options: str) -> list[str]:
    done = run(["apt-get", "indextargets", *options, "--format", _FORMAT])
    return [line for line in done.output.splitlines() if not line.startswith("cdrom:")]


def _codename(archive: Archive) -> str:
    """The release that the host runs, empty where it is another distribution."""
    try:
        told = platform.freedesktop_os_release()
    except OSError:
        return ""
    return told.get("VERSION_CODENAME", "") if told["ID"] == archive.name else ""
