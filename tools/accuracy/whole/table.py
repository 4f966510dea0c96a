"""The third table: whole guests tried where this machine can, scored, and written."""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.builds.registry import Registry
from qcompat.local.home import data_home
from qcompat.portrait.portraits import Portraits
from tools.accuracy.whole.lines import SEED, Line, kept_lines
from tools.accuracy.whole.measure import collect, known
from tools.accuracy.whole.page import render_whole
from tools.accuracy.whole.score import score

PROGRAMS = ("bwrap", "unshare", "losetup", "ip", "qemu-img", "openssl", "swtpm")


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this table."""
    parser.add_argument("--proxmox", type=Path, default=Path("/nonexistent"), help="its .cmd files")
    parser.add_argument("--guests", type=int, default=40, help="how many whole guests")


def whole_guests(
    builds: Sequence[Build],
    facts: Mapping[str, BuildFacts],
    place: Path,
    arguments: argparse.Namespace,
) -> str:
    """The section of the page. Loads need root; what is known already is scored without."""
    lines = _sample(list(kept_lines(arguments.proxmox)), arguments)
    if missing := _missing():
        print(f"accuracy: no whole guest is loaded: {missing}", flush=True)
    elif not arguments.again:
        collect(lines, builds, facts, place / "results.jsonl")
    happened = known(place / "results.jsonl")
    guests = [happened[line.name] for line in lines if line.name in happened]
    portraits = Portraits(Registry(data_home()), _portraits_of_code(place))
    cells = asyncio.run(score(guests, portraits))
    return render_whole(guests, cells, f"Scored {moment_of_code()}.")


def _portraits_of_code(place: Path) -> Path:
    """Where portraits are kept that this commit's code took; those of others are removed."""
    own = place / f"portraits-{_commit()}"
    for other in place.glob("portraits*"):
        if other != own:
            shutil.rmtree(other, ignore_errors=True)
    return own


def moment_of_code() -> str:
    """The day, and the commit that judged."""
    return f"on {datetime.now(UTC).date().isoformat()} at commit {_commit()}"


def _commit() -> str:
    told = subprocess.run(
        ["git", "rev-parse", "--short=9", "HEAD"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent,
    )
    return told.stdout.strip() or "unknown"


def _missing() -> str:
    """What real back ends need that is not here."""
    if os.geteuid() != 0:
        return "block devices and overlays need root"
    absent = [program for program in PROGRAMS if not shutil.which(program)]
    return f"install {' '.join(absent)}" if absent else ""


def _sample(lines: list[Line], arguments: argparse.Namespace) -> list[Line]:
    if arguments.full or len(lines) <= arguments.guests:
        return lines
    return random.Random(SEED).sample(lines, arguments.guests)  # noqa: S311 - not for secrets
