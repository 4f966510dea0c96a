"""Unpacking packages into a root of their own.

The files of all packages go as one stream into one tar, which runs in a sandbox where only the
root is writable: no member of a package can reach outside it, whatever its name or the links
before it are.
"""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from qcompat.builds.run import sandbox
from qcompat.builds.run.tether import kill, tethered
from qcompat.errors import FetchError

# What QEMU never opens.
LEFT_OUT = ("./usr/share/doc", "./usr/share/man", "./usr/share/locale", "./var", "./boot")
# Every suite installs on a usr-merged system; bullseye's packages still say /lib.
_MERGED = ("bin", "sbin", "lib", "lib32", "lib64")


def unpack(
    packages: Sequence[Path],
    root: Path,
    report: Callable[[float], None],
    *,
    left_out: Sequence[str] = LEFT_OUT,
) -> None:
    """Unpack into the empty directory `root`; `report` gets the share that is done, from 0 to 1.

    Errors: FetchError; then throw the root away.
    """
    for name in _MERGED:
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    with _start_tar(root, left_out) as tar:
        try:
            for number, package in enumerate(packages):
                _feed(package, tar)
                report((number + 1) / len(packages))
            _, errors = tar.communicate()
        except BaseException:
            kill(tar)
            raise
    if tar.returncode:
        raise _failure("the packages", errors)
    _verify(root)


def _start_tar(root: Path, left_out: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        tethered(_tar(root, left_out)),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def _tar(root: Path, left_out: Sequence[str]) -> list[str]:
    place = str(root)
    return [
        *(*sandbox.BASE, "--setenv", "PATH", "/usr/bin:/bin", "--ro-bind", "/", "/"),
        *("--dev", "/dev", "--bind", place, place, "--", "tar", "--extract", "--ignore-zeros"),
        *("--directory", place, "--keep-directory-symlink", "--no-same-owner"),
        *("--no-same-permissions", *(f"--exclude={path}" for path in left_out)),
    ]


def _feed(package: Path, tar: subprocess.Popen[bytes]) -> None:
    done = subprocess.run(
        tethered(["dpkg-deb", "--fsys-tarfile", str(package)]),
        stdin=subprocess.DEVNULL,
        stdout=tar.stdin,
        stderr=subprocess.PIPE,
        start_new_session=True,
        check=False,
    )
    if done.returncode and tar.poll() is None:
        raise _failure(package.name, done.stderr)


def _verify(root: Path) -> None:
    """No devices, no setuid: only this user reads and runs the files."""
    for directory, _, names in os.walk(root):
        for name in names:
            path = Path(directory, name)
            mode = path.lstat().st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
                raise FetchError(f"a package holds a special file: {path.relative_to(root)}")
            if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
                path.chmod(mode & 0o755)


def _failure(what: str, errors: bytes) -> FetchError:
    lines = errors.decode(errors="replace").strip().splitlines()
    told = next(iter(lines), "it gave no reason")
    hint = "free some space, or set QCOMPAT_HOME to another disk" if "No space" in told else ""
    return FetchError(f"cannot unpack {what}: {told}", hint)
