"""Fixtures for all tests: real builds, asked of the same registry that the command uses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.builds.learn import learn
from qcompat.builds.registry import Registry
from qcompat.local.home import cache_home, data_home
from qcompat.local.kvm import has_kvm
from qcompat.portrait.portrait import Accel

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The registry that `make test` filled."""
    return Registry(data_home())


@pytest.fixture(scope="session")
def builds(registry: Registry) -> Mapping[str, Build]:
    """The Debian builds of this machine by version, such as `10.0.13`."""
    found = {build.identity.version: build for build in registry.list()}
    if not found:
        pytest.skip("no QEMU build is registered: `make test` fetches them")
    return found


@pytest.fixture(scope="session")
def newest(builds: Mapping[str, Build]) -> Build:
    """The build of the highest version."""
    return builds[max(builds, key=lambda version: [int(part) for part in version.split(".")])]


@pytest.fixture(scope="session")
def newest_facts(newest: Build) -> BuildFacts:
    """What the newest build knows."""
    return learn(newest, cache=cache_home())


@pytest.fixture(scope="session")
def accel() -> Accel:
    """KVM where it can be used, else TCG."""
    return "kvm" if has_kvm() else "tcg"
