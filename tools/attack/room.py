"""A place of its own for each attacked command: home, cache, temporary files, output."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import msgspec

from qcompat.local.home import cache_home, data_home


class Room(msgspec.Struct, frozen=True):
    """Directories below `place`; what is kept between runs is copied from a template."""

    place: Path

    @property
    def home(self) -> Path:
        """What QCOMPAT_HOME names."""
        return self.place / "home"

    @property
    def cache(self) -> Path:
        """What QCOMPAT_CACHE names."""
        return self.place / "cache"

    @property
    def temporary(self) -> Path:
        """What TMPDIR and XDG_RUNTIME_DIR name: empty before a run, and to be empty after it."""
        return self.place / "tmp"

    @property
    def output(self) -> Path:
        """Where the two streams of a run go."""
        return self.place / "output"

    def environment(self) -> dict[str, str]:
        """The environment of a run."""
        ours = {
            "QCOMPAT_HOME": self.home,
            "QCOMPAT_CACHE": self.cache,
            "TMPDIR": self.temporary,
            "XDG_RUNTIME_DIR": self.temporary,
        }
        return os.environ | {name: str(path) for name, path in ours.items()}

    def fresh(self, template: Room | None = None) -> None:
        """Everything empty, or as in the template."""
        shutil.rmtree(self.place, ignore_errors=True)
        for path in (self.home, self.cache, self.temporary, self.output):
            path.mkdir(parents=True)
        if template is not None:
            for ours, theirs in ((self.home, template.home), (self.cache, template.cache)):
                shutil.copytree(theirs, ours, symlinks=True, dirs_exist_ok=True)


def with_registered_builds(place: Path) -> Room:
    """A room in which the builds of this machine are registered, and their facts known."""
    room = Room(place)
    room.fresh()
    shutil.copytree(data_home() / "builds", room.home / "builds")
    if (cache_home() / "facts").is_dir():
        shutil.copytree(cache_home() / "facts", room.cache / "facts")
    if (cache_home() / "guest-kernel").is_dir():  # large, and only read
        (room.cache / "guest-kernel").symlink_to(cache_home() / "guest-kernel")
    return room
