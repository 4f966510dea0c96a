"""One step of a bisection: build what is checked out, ask, and say good, bad or skip.

`git bisect run` starts this as a process for each commit; the plan is a file, and so is the log.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from qcompat.errors import EnvironmentError_, QcompatError
from qcompat.local.home import cache_home, make_private

SKIP = 125
ABORT = 128
_USAGE = 2


class Plan(msgspec.Struct, frozen=True):
    """What a bisection does at each commit.

    `command` are words of qcompat's command line, in which `{tree}`, `{build}` and `{commit}`
    are filled in. `build` is a shell command that leaves `binary` in the worktree. `good` and
    `bad` are the exit codes of the command at the two ends, None while these are asked.
    """

    worktree: str
    log: str
    command: tuple[str, ...]
    build: str = ""
    binary: str = ""
    firmware: tuple[str, ...] = ()
    good: int | None = None
    bad: int | None = None


class Step(msgspec.Struct, frozen=True):
    """What was learned of one commit: `code` is None where it could not be built."""

    commit: str
    tree: str
    code: int | None
    output: str
    is_built: bool
    seconds: float


def main(arguments: list[str]) -> int:
    """Ask about the commit that is checked out; the exit code is for `git bisect run`."""
    plan = msgspec.json.decode(Path(arguments[0]).read_bytes(), type=Plan)
    try:
        return verdict(plan, take(plan))
    except QcompatError as error:
        print(error.message, file=sys.stderr)
        return SKIP  # it builds and does not start; at the ends that is told as an error


def verdict(plan: Plan, step: Step) -> int:
    """0 for good, 1 for bad, SKIP where the answer is neither or there is none."""
    if step.code == plan.good:
        return 0
    if step.code == plan.bad:
        return 1
    return ABORT if step.code == _USAGE else SKIP


def take(plan: Plan) -> Step:
    """Build and ask; the step is in the log, too."""
    start = time.monotonic()
    commit, tree = (_git(plan, "rev-parse", each) for each in ("HEAD", "HEAD^{tree}"))
    name, is_built = "", False
    if plan.build:
        binary, is_built = _built(plan, tree)
        if binary is None:
            return _logged(plan, Step(commit, tree, None, "", False, time.monotonic() - start))
        if any("{build}" in word for word in plan.command):
            name = f"bisect-{tree[:12]}"
            _register(plan, name, binary)
    try:
        code, output = _asked(plan, {"tree": plan.worktree, "build": name, "commit": commit})
    finally:
        if name:
            _qcompat("builds", "remove", name)
    return _logged(plan, Step(commit, tree, code, output, is_built, time.monotonic() - start))


def _built(plan: Plan, tree: str) -> tuple[Path | None, bool]:
    """The binary of a tree, and whether it was built now; None where it does not build."""
    key = hashlib.sha256(f"{plan.build}\0{plan.binary}".encode()).hexdigest()[:24]
    kept = cache_home() / "bisect" / key / tree / Path(plan.binary).name
    if kept.exists():
        return kept, False
    with (Path(plan.log).parent / f"build-{tree[:12]}.log").open("wb") as log:
        done = subprocess.run(
            ["/bin/sh", "-c", plan.build],
            cwd=plan.worktree,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    made = Path(plan.worktree) / plan.binary
    if done.returncode or not made.is_file():
        return None, True
    make_private(kept.parent)
    draft = kept.with_name(f".{kept.name}")
    shutil.copy2(made, draft)
    draft.replace(kept)
    return kept, True


def _register(plan: Plan, name: str, binary: Path) -> None:
    _qcompat("builds", "remove", name)  # of a run that was killed
    own = Path(plan.worktree) / "pc-bios"
    places = [*plan.firmware, *([str(own)] if own.is_dir() else [])]
    options = [word for place in places for word in ("--firmware-dir", place)]
    code, output = _qcompat("builds", "add", *options, name, str(binary))
    if code:
        raise EnvironmentError_(
            f"the build {binary} cannot be registered: {output.strip()}",
            "does it start? --firmware-dir names where its firmware lies",
        )


def _asked(plan: Plan, filled: dict[str, str]) -> tuple[int, str]:
    words = list(plan.command)
    for key, value in filled.items():
        words = [word.replace(f"{{{key}}}", value) for word in words]
    return _qcompat(*words)


def _qcompat(*words: str) -> tuple[int, str]:
    script = "import sys; from qcompat.cli import main; main(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", script, *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace",
    )  # fmt: skip
    return done.returncode, done.stdout


def _git(plan: Plan, *arguments: str) -> str:
    command = ["git", "-C", plan.worktree, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _logged(plan: Plan, step: Step) -> Step:
    with Path(plan.log).open("ab") as log:
        log.write(msgspec.json.encode(step) + b"\n")
    return step


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
