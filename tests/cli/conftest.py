"""A machine without builds, and two real portraits of the guest of the tutorial."""

from __future__ import annotations

from pathlib import Path

import pytest

PORTRAITS = Path(__file__).parents[1] / "data" / "portraits"


@pytest.fixture
def source() -> str:
    """virtio-blk-pci on pc-q35-10.0, taken of Debian's 10.0.13 with KVM."""
    return str(PORTRAITS / "debian-10.0.13-pc-q35-10.0-virtio-blk-pci.qcp")


@pytest.fixture
def target() -> str:
    """The same guest, taken of Debian's 11.1.3."""
    return str(PORTRAITS / "debian-11.1.3-pc-q35-10.0-virtio-blk-pci.qcp")


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Nothing is registered and nothing cached; the answer comes from what is bundled."""
    monkeypatch.setenv("QCOMPAT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QCOMPAT_CACHE", str(tmp_path / "cache"))
    return tmp_path
