"""The lock files are whole: hashes for everything, one resolution, nothing of one machine."""

from __future__ import annotations

import re

import pytest

from tools.environment import LOCKS, ROOT

KINDS = sorted(LOCKS)


def lock_text(kind: str) -> str:
    return (ROOT / LOCKS[kind]).read_text()


def pins(kind: str) -> set[str]:
    return set(re.findall(r"^([a-z][a-z0-9._-]*==[^ ;\\]+)", lock_text(kind), re.MULTILINE))


@pytest.mark.parametrize("kind", KINDS)
def test_every_pin_has_a_hash(kind: str) -> None:
    requirements = re.split(r"^(?=[a-z])", lock_text(kind), flags=re.MULTILINE)[1:]
    assert len(requirements) >= len(pins(kind)) > 0
    assert all("--hash=sha256:" in requirement for requirement in requirements)


@pytest.mark.parametrize("kind", KINDS)
def test_lock_names_no_registry_and_no_path(kind: str) -> None:
    assert not re.search(r"://|--(extra-)?index-url|--find-links| @ |(^| )/", lock_text(kind))


def test_development_runs_what_users_run() -> None:
    assert pins("run") <= pins("dev")


@pytest.mark.parametrize("kind", KINDS)
def test_build_backend_is_locked(kind: str) -> None:
    assert any(pin.startswith("hatchling==") for pin in pins(kind))
