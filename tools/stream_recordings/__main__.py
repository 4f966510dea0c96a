"""Records streams: `python -m tools.stream_recordings [--roots DIR] [--into DIR] [NAME …]`.

NAME is a recipe of `recordings.toml` or one recording of it, all of them without. x86 guests
run on the registered builds, other boards on what `tools.stream_recordings.boards` unpacked
into the directory that `--roots` names; without it they are left out.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from qcompat.builds.build import Build
from qcompat.errors import QcompatError
from tools.builds import registered
from tools.stream_recordings.boards import board
from tools.stream_recordings.images import make_images
from tools.stream_recordings.recipe import Recipe, read_recipes
from tools.stream_recordings.record import Recorder
from tools.stream_recordings.storage import PLACE, keep

ATTEMPTS = 3
Job = tuple[str, str, Recipe]


def main() -> int:
    """Record what is asked for; the exit code is 1 when something failed."""
    options = _options()
    failures = 0
    for name, version, recipe in _jobs(set(options.names)):
        if (build := _build(version, recipe, options.roots)) is None:
            print(f"{name}: left out, no build")
            continue
        failures += not _succeeds(name, build, version, recipe, options.into)
    return min(failures, 1)


def _succeeds(name: str, build: Build, version: str, recipe: Recipe, into: Path) -> bool:
    """Whether it could be recorded; where rounds are counted, not every attempt gets them."""
    for _ in range(ATTEMPTS):
        try:
            asyncio.run(_record(name, build, version, recipe, into))
        except (QcompatError, TimeoutError) as error:
            print(f"{name}: FAILED {error!r}"[:600], flush=True)
        else:
            return True
    return False


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.stream_recordings")
    parser.add_argument("--roots", type=Path, help="directory of roots with other boards")
    parser.add_argument("--into", type=Path, default=PLACE, help="where recordings are written")
    parser.add_argument("names", nargs="*", metavar="NAME")
    return parser.parse_args()


def _jobs(wanted: set[str]) -> Iterator[Job]:
    for what, recipe in read_recipes().items():
        for version in recipe.on:
            name = recipe.name(version, what)
            if not wanted or wanted & {what, name}:
                yield name, version, recipe


def _build(version: str, recipe: Recipe, roots: Path | None) -> Build | None:
    if recipe.board == "x86_64":
        return next((b for b in registered() if b.identity.version == version), None)
    if roots is None:
        return None
    return board((roots / version).absolute(), f"/usr/bin/qemu-system-{recipe.board}")


async def _record(name: str, build: Build, version: str, recipe: Recipe, into: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="stream-") as folder:
        make_images(Path(folder))
        recorder = Recorder(build, version, recipe, Path(folder))
        recordings = await recorder.record()
        if recipe.way in ("socket", "file", "savevm"):
            make_images(Path(folder))
            await recorder.load(next(iter(recordings.values())))
    for kind, content in recordings.items():
        keep(content, into / f"{name}.{kind}.zst")


if __name__ == "__main__":
    sys.exit(main())
