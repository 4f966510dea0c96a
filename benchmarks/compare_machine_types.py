"""Running QEMU's scripts/compare-machine-types.py on builds, and reading its table.

The script comes from Debian's source package with the package `qemu.machine` that it starts
binaries with. It wants a binary by its path: a wrapper stands in for each build and starts it
in its sandbox. The wrappers and a virtual environment with what the script imports lie in a
private directory that is removed again. `compare_defaults` compares the table with ours.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.source_package import source_directory, source_file
from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.local.home import cache_home, make_private
from qcompat.local.kvm import has_kvm
from tools.environment import make_venv

SCRIPT = "scripts/compare-machine-types.py"
PACKAGE = "python/qemu"
IMPORTED = ("pandas", "tabulate")

Pair = tuple[str, str]
"""Driver and property: a row of the script's table."""
Columns = Mapping[tuple[str, str], Mapping[Pair, str]]
"""The script's table: by build and machine type, its rows."""


class ScriptError(Exception):
    """The script ended without a table; the message is its last line."""


@dataclass(frozen=True)
class Script:
    """The script, ready to run on builds."""

    interpreter: Path
    wrappers: Mapping[str, Path]

    def run(self, builds: Sequence[str]) -> str:
        """Its whole table of all machine types of these builds, as JSON. Errors: ScriptError."""
        accel = "kvm" if has_kvm() else "tcg"
        words = [str(self.interpreter), str(source_file(SCRIPT))]
        words += ["--all", "--raw", "--format", "json"]
        words += ["--qemu-args", f"-accel {accel} -machine none"]
        words += ["--qemu-binary", *(str(self.wrappers[name]) for name in builds)]
        path = str(source_directory(PACKAGE).parent)
        done = subprocess.run(
            words,
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ScriptError((done.stderr.strip().splitlines() or ["it said nothing"])[-1])
        return done.stdout


@contextmanager
def script(builds: Sequence[Build]) -> Iterator[Script]:
    """The script with what it needs, as long as the context lasts."""
    make_private(cache_home())
    with tempfile.TemporaryDirectory(prefix="compare-machine-types-", dir=cache_home()) as place:
        environment = Path(place) / "environment"
        make_venv(environment)
        interpreter = environment / "bin" / "python"
        subprocess.run([interpreter, "-m", "pip", "-qq", "install", *IMPORTED], check=True)
        yield Script(interpreter, {build.name: _wrapper(build, Path(place)) for build in builds})


def _wrapper(build: Build, place: Path) -> Path:
    """A program that becomes the build, without the tether: the script is to be its parent."""
    words = command(build)
    start = next(at for at, word in enumerate(words) if word in ("bwrap", "env"))
    path = place / build.name
    path.write_text(f'#!/bin/sh\nexec {shlex.join(words[start:])} "$@"\n')
    path.chmod(0o700)
    return path


def read_table(printed: str) -> Columns:
    """What the script printed: pandas writes each column as an object, rows by number."""
    columns = json.loads(printed)
    pairs = list(zip(columns.pop("Driver").values(), columns.pop("Property").values(), strict=True))
    return {
        _ends(head): dict(zip(pairs, column.values(), strict=True))
        for head, column in columns.items()
    }


def _ends(head: str) -> tuple[str, str]:
    binary, _, machine = head.partition("\n")
    return Path(binary).name, machine
