"""What the commands of `builds` answer."""

from __future__ import annotations

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.builds.fetch.offers import Offer


class BuildList(msgspec.Struct, frozen=True):
    """The registered builds, each with the reason why it cannot be used, or with none."""

    builds: tuple[tuple[Build, str], ...]


class Offers(msgspec.Struct, frozen=True):
    """What suites hold."""

    offers: tuple[Offer, ...]


class KnownBuild(msgspec.Struct, frozen=True):
    """A build and its facts."""

    build: Build
    facts: BuildFacts
