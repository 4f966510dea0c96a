"""Makes `.venv` from the lock files: `python3 tools/environment.py run|dev|lock`.

`run` installs what qcompat needs, `dev` also what its checks, tests and documentation need;
both do nothing when the environment is up to date. `lock` writes the lock files again.
Only the standard library is used, because this runs before anything is installed. What
tests with real QEMUs need beside Python is `tools.lab`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {"run": "requirements/runtime.txt", "dev": "requirements/dev.txt"}
GROUPS = {"run": "build", "dev": "dev"}
OLDEST = (3, 11)


def main(arguments: list[str]) -> int:
    """Run one of the three verbs; the exit code is that of the command line."""
    if len(arguments) != 1 or arguments[0] not in (*LOCKS, "lock"):
        return _fail(f"usage: {sys.argv[0]} run|dev|lock")
    if sys.version_info < OLDEST:
        seen = ".".join(map(str, sys.version_info[:3]))
        return _fail(
            f"qcompat needs Python 3.11 or newer, and {sys.executable} is {seen}",
            "name a newer one: make PYTHON=/path/to/python3.11 …",
        )
    try:
        if arguments[0] == "lock":
            lock()
        else:
            install(arguments[0])
    except subprocess.CalledProcessError as failure:
        command = " ".join(map(str, failure.cmd))
        return _fail(f"`{command}` ended with exit code {failure.returncode}")
    return 0


def install(kind: str) -> None:
    """Bring `.venv` to the state that the lock file of `kind` describes."""
    stamp = VENV / f"qcompat-{kind}.stamp"
    wanted = _fingerprint(kind)
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    if not (PYTHON.exists() and _works(PYTHON)):
        make_venv(VENV)
    print(f"installing {LOCKS[kind]} into .venv …", flush=True)
    _pip("install", "--require-hashes", "-r", str(ROOT / LOCKS[kind]))
    # hatchling is in the lock, so that building the project fetches nothing unlocked
    _pip("install", "--no-build-isolation", "--no-deps", "--no-index", "-e", str(ROOT))
    # an editable install compiles nothing, and where Python may not write it never would
    subprocess.run([PYTHON, "-m", "compileall", "-q", str(ROOT / "src")], check=True)
    stamp.write_text(wanted)


def make_venv(place: Path) -> None:
    """Make a virtual environment; as root on Debian, install python3-venv where it is missing."""
    make = [sys.executable, "-m", "venv", "--clear", str(place)]
    if subprocess.run(make, capture_output=True).returncode == 0:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("python3-venv is missing: installing it", flush=True)
        subprocess.run(["apt-get", "-q", "update"], check=True, stdin=subprocess.DEVNULL)
        subprocess.run(
            ["apt-get", "-q", "-y", "--no-install-recommends", "install", "python3-venv"],
            check=True,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )
    retry = subprocess.run(make, capture_output=True, text=True)
    if retry.returncode:
        shutil.rmtree(place, ignore_errors=True)
        print(retry.stdout + retry.stderr, file=sys.stderr)
        _fail(
            f"{sys.executable} cannot make a virtual environment",
            "on Debian: apt install python3-venv",
        )
        raise SystemExit(1)


def lock() -> None:
    """Resolve the newest allowed releases for every platform into the lock files, with hashes."""
    with tempfile.TemporaryDirectory(prefix="qcompat-lock-") as folder:
        make_venv(Path(folder))
        subprocess.run([f"{folder}/bin/pip", "install", "-q", "uv"], check=True)
        for kind, file in LOCKS.items():
            subprocess.run(
                [
                    f"{folder}/bin/uv", "pip", "compile", "--quiet", "--no-config", "--upgrade",
                    "--universal", "--python-version", "3.11", "--generate-hashes",
                    "--no-emit-index-url", "--custom-compile-command", "make lock",
                    "--group", GROUPS[kind], "--output-file", file, "pyproject.toml",
                ],
                check=True,
                cwd=ROOT,
            )  # fmt: skip


def _pip(*arguments: str) -> None:
    pip = [str(PYTHON), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *arguments], check=True, stdin=subprocess.DEVNULL)


def _fingerprint(kind: str) -> str:
    parts = [(ROOT / name).read_bytes() for name in (LOCKS[kind], "pyproject.toml")]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _works(python: Path) -> bool:
    return (
        subprocess.run([str(python), "-m", "pip", "--version"], capture_output=True).returncode == 0
    )


def _fail(message: str, hint: str = "") -> int:
    print(f"error: {message}", file=sys.stderr)
    if hint:
        print(f"hint: {hint}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
