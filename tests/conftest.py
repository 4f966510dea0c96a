"""Fixtures for all tests: recorded portraits, and real builds of the registry in use."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from qcompat.arch.architecture import usual
from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.builds.learn.learn import learn
from qcompat.builds.registry import Registry
from qcompat.local.home import cache_home, data_home
from qcompat.local.kvm import has_kvm
from qcompat.portrait.bundle import read_bundle
from qcompat.portrait.file import read_portrait
from qcompat.portrait.portrait import Accel, Portrait

# How long an example takes is no property of the code: machines are busy.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

DATA = Path(__file__).parent / "data"


def pytest_configure() -> None:
    """Commands end on signals as usual, though the suite was started in the background."""
    for number, handler in (
        (signal.SIGINT, signal.default_int_handler),
        (signal.SIGHUP, signal.SIG_DFL),
    ):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The registry that `make test` filled."""
    return Registry(data_home())


@pytest.fixture(scope="session")
def builds(registry: Registry) -> Mapping[str, Build]:
    """The Debian builds of this machine by version, such as `10.0.13`."""
    found = _by_version(registry, usual().name)
    if not found:
        pytest.skip("no QEMU build is registered: `make test` fetches them")
    return found


@pytest.fixture(scope="session")
def arm_builds(registry: Registry) -> Mapping[str, Build]:
    """Debian's builds for guests of aarch64 by version: two at least."""
    found = _by_version(registry, "aarch64")
    if len(found) < 2:
        pytest.skip("no two builds for aarch64 are registered: `make test` fetches them")
    return found


def _by_version(registry: Registry, architecture: str) -> Mapping[str, Build]:
    found = (build for build in registry.list() if build.architecture == architecture)
    return {build.identity.version: build for build in found}


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


@pytest.fixture(scope="session")
def recording() -> Callable[[str], Portrait]:
    """A recorded portrait by its key, such as `blk@10.0.13`; some stand beside host captures."""
    bundle = read_bundle(DATA / "portraits" / "recordings.qcb")
    files = {path.stem: path for path in (DATA / "hosts").glob("*.qcp")}
    return cache(lambda key: read_portrait(files[key]) if key in files else bundle.get(key))
