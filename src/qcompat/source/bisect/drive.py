"""Driving `git bisect run`: the worktree, both ends, and what came out.

The worktree is made beside nothing of the user's and removed at the end; the user's checkout,
index and bisect state are left alone, since git keeps those for each worktree.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from qcompat.errors import EnvironmentError_, UsageError
from qcompat.source.bisect.step import Plan, Step, take
from qcompat.source.obtain.git import git, is_git


class Commit(msgspec.Struct, frozen=True):
    """A commit as it is shown."""

    name: str
    parent: str
    subject: str
    author: str
    date: str


class Bisected(msgspec.Struct, frozen=True):
    """The first commit that changes the answer, or those among which it is.

    `good` and `bad` are what was learned of the ends, `steps` of all commits that were asked,
    `found` of the commit itself.
    """

    commits: tuple[Commit, ...]
    good: Step
    bad: Step
    steps: tuple[Step, ...]

    @property
    def found(self) -> Step | None:
        """What the answer was at the commit."""
        names = {each.name for each in self.commits}
        return next((each for each in (*self.steps, self.bad) if each.commit in names), None)


def bisect(
    top: Path,
    good: str,
    bad: str,
    plan: Callable[[str, str], Plan],
    announce: Callable[[str], None],
) -> Bisected:
    """Find the first commit after `good`, up to `bad`, at which the command's answer changes.

    `plan` makes a plan from a worktree and the path of a log. Errors: UsageError where the
    revisions are none, or the answer is the same at both.
    """
    if not is_git(top):
        raise UsageError(f"{top} is no git tree", "name a clone of QEMU")
    ends = [_name(top, each) for each in (good, bad)]
    with _worktree(top, ends[1]) as (worktree, folder):
        asked = plan(str(worktree), str(folder / "steps.jsonl"))
        first = _at(asked, ends[0], announce, "good")
        last = _at(asked, ends[1], announce, "bad")
        _check(first, last)
        full = msgspec.structs.replace(asked, good=first.code, bad=last.code)
        names = _run(worktree, folder, full, ends)
        commits = tuple(_commit(top, name) for name in names)
        return Bisected(commits, first, last, _steps(Path(full.log)))


def _name(top: Path, revision: str) -> str:
    words = ("rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    return git(top, *words).decode().strip()


def _at(plan: Plan, commit: str, announce: Callable[[str], None], name: str) -> Step:
    announce(f"asking the {name} end, {commit[:12]}")
    git(Path(plan.worktree), "checkout", "--quiet", "--detach", commit)
    step = take(plan)
    if step.code is None:
        raise UsageError(
            f"the {name} end, {commit[:12]}, does not build",
            f"try the command of --build in a checkout of it:\n{_tail(plan, step)}",
        )
    return step


def _tail(plan: Plan, step: Step) -> str:
    log = Path(plan.log).parent / f"build-{step.tree[:12]}.log"
    return "\n".join(log.read_text(errors="replace").splitlines()[-5:])


def _check(first: Step, last: Step) -> None:
    if first.code == last.code:
        words = first.output.strip().splitlines()
        raise UsageError(
            f"the command ends with exit code {first.code} at both ends: nothing to search",
            f"it says: {words[-1] if words else 'nothing'}",
        )


def _run(worktree: Path, folder: Path, plan: Plan, ends: list[str]) -> list[str]:
    """The names that `git bisect run` ends with: one, or several that had to be skipped."""
    place = folder / "plan.json"
    place.write_bytes(msgspec.json.encode(plan))
    git(worktree, "bisect", "start", ends[1], ends[0])
    step = [sys.executable, "-m", "qcompat.source.bisect.step", str(place)]
    done = subprocess.run(
        ["git", "-C", str(worktree), "bisect", "run", *step], capture_output=True, text=True
    )
    refs = git(
        worktree, "for-each-ref", "--format=%(refname) %(objectname)", "refs/bisect/"
    ).decode()
    found = dict(line.split() for line in refs.splitlines())
    newest = found.get("refs/bisect/bad", ends[1])
    old = [name for ref, name in found.items() if ref.startswith("refs/bisect/good")] or [ends[0]]
    left = git(worktree, "rev-list", newest, "--not", *old).decode().split()
    if "is the first" in done.stdout:
        return [newest]
    if done.returncode and "skip" not in done.stdout + done.stderr:
        words = (done.stderr or done.stdout).strip().splitlines()
        raise EnvironmentError_(
            f"git bisect run failed: {words[-1] if words else 'no reason given'}"
        )
    return left


@contextlib.contextmanager
def _worktree(top: Path, commit: str) -> Iterator[tuple[Path, Path]]:
    """A worktree, and a folder beside it for plan and logs; both are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="qcompat-bisect-") as made:
        folder = Path(made)
        worktree = folder / "tree"
        git(top, "worktree", "add", "--quiet", "--detach", str(worktree), commit)
        try:
            yield worktree, folder
        finally:
            shutil.rmtree(worktree, ignore_errors=True)
            git(top, "worktree", "prune")


def _steps(log: Path) -> tuple[Step, ...]:
    lines = log.read_bytes().splitlines() if log.exists() else []
    return tuple(msgspec.json.decode(line, type=Step) for line in lines)[2:]


def _commit(top: Path, name: str) -> Commit:
    form = "%H%x00%P%x00%s%x00%an%x00%as"
    fields = (
        git(top, "show", "-s", f"--format={form}", name)
        .decode(errors="replace")
        .strip()
        .split("\0")
    )
    return Commit(fields[0], fields[1].split(" ")[0], *fields[2:5])
