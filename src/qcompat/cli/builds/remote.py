"""`qcompat builds list --remote`: what can be fetched."""

from __future__ import annotations

import os
from collections.abc import Sequence

from qcompat.arch.architecture import architecture_called, usual
from qcompat.builds.fetch.offers import Offer, offer, usual_suites
from qcompat.builds.registry import Registry
from qcompat.cli.builds.fetch_sources import given_sources
from qcompat.cli.builds.root_progress import shown_progress
from qcompat.cli.options.shown import Shown
from qcompat.local.home import cache_home, data_home
from qcompat.report.builds.answers import Offers


def list_remote(suites: Sequence[str], mirror: str, keyring: str, shown: Shown) -> None:
    """Show what each suite holds, for guests of this machine's architecture where it is known."""
    wanted = tuple(suites) or usual_suites("debian")
    sources = given_sources(
        wanted, mirror=mirror, security_mirror="", base_mirror="", keyring=keyring, components=()
    )
    found: list[Offer] = []
    for suite in wanted:
        with shown_progress(suite) as progress:
            found.append(
                offer(
                    suite,
                    registry=Registry(data_home()),
                    cache=cache_home(),
                    progress=progress,
                    architecture=architecture_called(os.uname().machine) or usual(),
                    **sources[suite],
                )
            )
    shown.show(Offers(tuple(found)))
