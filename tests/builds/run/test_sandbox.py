from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from qcompat.builds.run import sandbox
from qcompat.local.kvm import has_kvm


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What is tried once a process is tried anew here, and again after."""
    for tried in (sandbox.why_not, sandbox.can_make_taps, has_kvm):
        tried.cache_clear()
    yield
    for tried in (sandbox.why_not, sandbox.can_make_taps, has_kvm):
        tried.cache_clear()


def test_missing_bubblewrap_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert sandbox.why_not() == "it is not installed"
    assert not sandbox.can_make_taps()


def test_forbidden_bubblewrap_is_told_in_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object, **__: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess((), 1, b"", b"bwrap: No permissions to create namespace")

    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(subprocess, "run", run)
    assert sandbox.why_not() == "it failed: bwrap: No permissions to create namespace"


def test_ordinary_user_makes_taps_as_root_of_its_own_namespace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "--unshare-user" in sandbox.taps()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert "--unshare-user" not in sandbox.taps()


def test_kvm_counts_only_if_it_can_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, _: int) -> int:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "open", refuse)
    assert not has_kvm()
