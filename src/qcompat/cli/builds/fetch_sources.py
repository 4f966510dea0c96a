"""Where each suite of `builds fetch` comes from, as its user says or as the host's apt knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from qcompat.builds.fetch.mirror import Sites, find_sites
from qcompat.builds.fetch.suite import parse_suite
from qcompat.errors import UsageError


class Source(TypedDict):
    """Arguments of `fetch`."""

    sites: Sites
    base_sites: Sites | None
    keyring: str
    components: Sequence[str]


def given_sources(
    suites: Sequence[str],
    *,
    mirror: str,
    security_mirror: str,
    base_mirror: str,
    keyring: str,
    components: Sequence[str],
) -> Mapping[str, Source]:
    """The source of each suite. Errors: UsageError, FetchError where no mirror is known."""
    parsed = {each: parse_suite(each, components) for each in suites}
    archives = {suite.archive.name: suite.archive for suite in parsed.values()}
    if len(archives) > 1 and (mirror or security_mirror or keyring or components):
        raise UsageError(
            f"these options are of one archive, and {' and '.join(archives)} are two",
            "fetch the suites of each archive with a command of its own",
        )
    sites = {name: find_sites(mirror, security_mirror, each) for name, each in archives.items()}
    base = Sites(base_mirror, security_mirror, (base_mirror, security_mirror))
    return {
        each: Source(
            sites=sites[suite.archive.name],
            base_sites=base if base_mirror and suite.below else None,
            keyring=keyring,
            components=components,
        )
        for each, suite in parsed.items()
    }
