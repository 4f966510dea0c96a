"""`qcompat builds fetch` from repositories of rpms: one build a command."""

from __future__ import annotations

from collections.abc import Sequence

from qcompat.builds.build import Build
from qcompat.builds.fetch.rpm.fetch import fetch_rpms
from qcompat.builds.fetch.rpm.table import table
from qcompat.builds.registry import Registry
from qcompat.cli.builds.root_progress import shown_progress
from qcompat.errors import UsageError
from qcompat.local.home import cache_home


def is_of_rpms(suite: str) -> bool:
    """Whether a suite is of a distribution that has repositories of rpms."""
    return suite.partition("/")[0] in table().names


def fetch_from_repositories(
    suites: Sequence[str],
    registry: Registry,
    *,
    archs: Sequence[str],
    mirror: str,
    base_mirror: str,
    security_mirror: str,
    keyring: str,
    components: Sequence[str],
) -> Build:
    """The build. Errors: UsageError, and as `fetch_rpms`."""
    if len(suites) > 1:
        raise UsageError(
            "repositories of rpms are fetched from one at a time",
            f"qcompat builds fetch {suites[0]} --mirror URL --keyring FILE",
        )
    if archs or security_mirror or components:
        raise UsageError(
            "--arch, --security-mirror and --component are not for repositories of rpms",
            "name the directories with repodata: --mirror URL, and a second one with --base-mirror",
        )
    if not mirror or not keyring:
        raise UsageError(
            f"where are the rpms of {suites[0]}, and with which keys are they signed?",
            f"qcompat builds fetch {suites[0]} --mirror URL --keyring FILE; URL is the directory "
            "with repodata, FILE the distribution's RPM-GPG-KEY",
        )
    repositories = [each for each in (mirror, base_mirror) if each]
    with shown_progress(suites[0]) as progress:
        return fetch_rpms(
            suites[0].partition("/")[0],
            repositories,
            keyring,
            registry=registry,
            cache=cache_home(),
            progress=progress,
        )
