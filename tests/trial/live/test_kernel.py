"""The guest's kernel is had from the cache; where it cannot be had, the reader learns why."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from qcompat.builds.fetch.mirror import Sites
from qcompat.errors import FetchError, StoreError
from qcompat.trial.live.kernel import obtain_kernel


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QCOMPAT_CACHE", str(tmp_path))
    return tmp_path / "guest-kernel"


def placed(home: Path, *files: str) -> Path:
    root = home / "root-a"
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    current = {"root": "root-a", "packages": []}
    (home / "current.json").write_bytes(msgspec.json.encode(current))
    return root


def test_what_is_in_the_cache_is_used_without_a_network(home: Path) -> None:
    root = placed(home, "boot/vmlinuz-6.1", "usr/bin/busybox", "usr/lib/modules/6.1/modules.order")
    kernel = obtain_kernel(sites=Sites("http://127.0.0.1:9/debian"))

    assert kernel.image == root / "boot/vmlinuz-6.1"
    assert kernel.modules == root / "usr/lib/modules/6.1"


def test_a_tree_without_a_kernel_says_what_to_do(home: Path) -> None:
    placed(home, "usr/bin/busybox")

    with pytest.raises(StoreError, match=r"boot/vmlinuz") as caught:
        obtain_kernel()
    assert str(home) in caught.value.hint


@pytest.mark.lab
def test_where_it_cannot_be_had_the_reader_learns_why_and_what_helps(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qcompat.builds.fetch.fetch._ATTEMPTS", 1)

    with pytest.raises(FetchError, match="a live trial boots Debian's kernel") as caught:
        obtain_kernel(sites=Sites("http://127.0.0.1:9/debian", "http://127.0.0.1:9/security"))
    assert str(home) in caught.value.hint
