"""The facts of a revision of a git tree, and which release its tags say has shipped."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from qcompat.errors import EnvironmentError_, UsageError
from qcompat.source.facts import FileFacts
from qcompat.source.obtain.kept import Kept, read_kept, write_kept
from qcompat.source.obtain.pool import read_all
from qcompat.source.obtain.walk import is_read
from qcompat.source.tree.files import Files, version_of

_RELEASE = re.compile(r"v(\d+)\.(\d+)\.0\Z")


def git(top: Path, *arguments: str, content: bytes = b"") -> bytes:
    """What git answers. Errors: UsageError with git's own words, EnvironmentError_ without git."""
    try:
        done = subprocess.run(
            ["git", "-C", str(top), *arguments], input=content, capture_output=True, check=False
        )
    except OSError as error:
        raise EnvironmentError_(f"git cannot be run: {error.strerror}", "install git") from error
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().splitlines()
        what = " ".join(arguments[:4])
        raise UsageError(
            f"`git {what}` failed in {top}: {words[-1] if words else 'no reason given'}"
        )
    return done.stdout


def is_git(top: Path) -> bool:
    """Whether a directory is the top of a git tree."""
    return (top / ".git").exists() or (top / "HEAD").is_file()


def read_revision(top: Path, revision: str) -> Files:
    """The facts of all files of a revision; only those whose content is new are read.

    Errors: UsageError for a revision that is none.
    """
    if not is_git(top):
        raise UsageError(f"{top} is no git tree, so that it has no revision {revision}")
    git(top, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{tree}}")
    blobs = _blobs(top, revision)
    kept = read_kept(top)
    missing = sorted({blob for blob in blobs.values() if blob not in kept.facts})
    contents = _contents(top, missing)
    facts = kept.facts | read_all(contents)
    if contents:
        write_kept(top, Kept(kept.seen, facts))
    found: dict[str, FileFacts] = {path: facts[blob] for path, blob in blobs.items()}
    version = git(top, "show", f"{revision}:VERSION") if _has_version(top, revision) else b""
    return Files(found, version_of(version), f"{top}@{revision}")


def shipped_by_tags(top: Path, revision: str = "HEAD") -> tuple[int, int] | None:
    """The newest release, by its tag as in v10.0.0, that a revision comes after."""
    if not is_git(top):
        return None
    tags = git(top, "tag", "--merged", revision, "--list", "v*").decode().split()
    found = [(int(match[1]), int(match[2])) for tag in tags if (match := _RELEASE.match(tag))]
    return max(found, default=None)


def _has_version(top: Path, revision: str) -> bool:
    return bool(git(top, "ls-tree", "--name-only", revision, "VERSION").strip())


def _blobs(top: Path, revision: str) -> dict[str, str]:
    found = {}
    for line in git(top, "ls-tree", "-r", "-z", revision).split(b"\0"):
        head, _, path = line.partition(b"\t")
        mode, kind, blob = [*head.decode().split(), "", "", ""][:3]
        name = path.decode(errors="replace")
        if kind == "blob" and mode != "120000" and is_read(name):
            found[name] = blob
    return found


def _contents(top: Path, blobs: list[str]) -> dict[str, bytes]:
    if not blobs:
        return {}
    answer = git(top, "cat-file", "--batch", content="\n".join(blobs).encode() + b"\n")
    found, at = {}, 0
    for blob in blobs:
        end = answer.index(b"\n", at)
        size = int(answer[at:end].split()[-1])
        found[blob] = answer[end + 1 : end + 1 + size]
        at = end + 1 + size + 1
    return found
