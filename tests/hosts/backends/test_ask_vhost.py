"""vhost nodes: asked where they are, absent where they are not, a gap where they do not answer."""

from __future__ import annotations

import os
from pathlib import Path

from qcompat.hosts.backends.ask import ask_bridges
from qcompat.hosts.backends.ask_vhost import absent, ask_vhost
from qcompat.portrait.portrait import Gap


def test_a_node_that_is_not_there_is_absent_and_no_gap(tmp_path: Path) -> None:
    assert list(ask_vhost(tmp_path)) == []
    assert absent(tmp_path) == tuple(str(tmp_path / f"vhost-{k}") for k in ("net", "vsock", "scsi"))


def test_a_node_that_does_not_answer_is_a_gap(tmp_path: Path) -> None:
    (tmp_path / "vhost-net").write_bytes(b"")
    (gap,) = ask_vhost(tmp_path)
    assert isinstance(gap, Gap)
    assert gap.part == "vhost-net"
    assert "does not report its features" in gap.reason


def test_a_vdpa_device_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "vhost-vdpa-0")
    (gap,) = ask_vhost(tmp_path)  # opening the pipe would block for ever
    assert isinstance(gap, Gap)
    assert gap.part == "vhost-vdpa-0"


def test_bridges_are_told_with_their_mtu(tmp_path: Path) -> None:
    for name, mtu, is_bridge in (("br0", "9000\n", True), ("eth0", "1500\n", False)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mtu").write_text(mtu)
        if is_bridge:
            (tmp_path / name / "bridge").mkdir()
    assert [(each.name, each.mtu) for each in ask_bridges(tmp_path)] == [("br0", 9000)]
