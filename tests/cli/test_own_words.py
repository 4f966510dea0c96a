"""No stand-in is printed as something to paste: what is printed are the user's own words."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from qcompat.builds.build import Build
from qcompat.cli import run

pytestmark = pytest.mark.lab
Captured = pytest.CaptureFixture[str]

STAND_INS = ("#net", "hubport", "hubid", "null-co", "file.driver", "qc0", "silent", "ifname")
GUEST = (
    "-machine pc-q35-7.2 -m 64 -nodefaults -nic user,model=e1000e -netdev tap,id=n0"
    " -device virtio-net-pci,netdev=n0,id=nic0 -drive file=/srv/a.qcow2,if=none,id=d0"
    " -device virtio-blk-pci,drive=d0,id=disk0 -drive file=/srv/b.qcow2,if=virtio"
    " -device intel-hda -device hda-duplex"
)


def _texts(found: Any) -> str:
    """What is to be pasted, of an answer or of a part of it."""
    if isinstance(found, dict):
        own = {"forms", "words", "dropped", "settings", "changed"}
        parts = [json.dumps(v) if k in own else _texts(v) for k, v in found.items()]
        return " ".join(parts)
    return " ".join(map(_texts, found)) if isinstance(found, list) else ""


@pytest.mark.parametrize("ends", [("10.0.13", "11.1.3"), ("11.1.3", "7.2.22")])
def test_a_remedy_is_in_the_users_own_words(
    builds: Mapping[str, Build], ends: tuple[str, str], tmp_path: Path, capsys: Captured
) -> None:
    source, target = (builds[version].name for version in ends)
    guest = shlex.split(GUEST)
    run(["repair", source, target, "--accel", "tcg", "--json", "--", *guest])
    found = _texts(json.loads(capsys.readouterr().out))
    (tmp_path / "argv").write_text(f"qemu-system-x86_64 {GUEST}")
    words = ("--argv", str(tmp_path / "argv"), "--from", source, "--to", target)
    run(["carry", *words, "--accel", "tcg", "--form", "all"])
    text = capsys.readouterr().out
    for name in STAND_INS:
        assert name not in found
        assert name not in text
    assert "file=/srv/a.qcow2" in text or "no start line" in text or "blocked" in text
