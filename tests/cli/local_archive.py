"""A little archive of packages on loopback, made by Debian's tools, signed by its own key."""

from __future__ import annotations

import contextlib
import functools
import gzip
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from qcompat.builds.build import Build

_LEFT_OUT = shutil.ignore_patterns("doc", "man", "locale")


class Key:
    """A key of the test's, in a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.path = home / "key.gpg"
        made = ("--passphrase", "", "--quick-gen-key", "qcompat test", "ed25519", "sign", "never")
        self._gpg(*made)
        self.path.write_bytes(self._gpg("--export"))

    def sign(self, path: Path, signed: Path, how: str) -> None:
        signed.unlink(missing_ok=True)
        self._gpg("--output", str(signed), how, str(path))

    def _gpg(self, *words: str) -> bytes:
        words = ("gpg", "--homedir", str(self.home), "--batch", "--yes", "--quiet", *words)
        return subprocess.run(words, check=True, capture_output=True).stdout


@contextlib.contextmanager
def new_key() -> Iterator[Key]:
    """A key; its home has a short name, which the agent's socket needs."""
    home = Path(tempfile.mkdtemp(prefix="qc"))
    try:
        yield Key(home)
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def served(directory: Path) -> Iterator[str]:
    """The address under which a directory is served."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(directory))
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def write_package(
    home: Path, pool: Path, name: str, *, depends: Sequence[str] = (), build: Build | None = None
) -> Path:
    """A package with the files of a build's root, or with none."""
    tree = home / name
    (tree / "DEBIAN").mkdir(parents=True)
    if build:
        shutil.copytree(f"{build.root}/usr", tree / "usr", symlinks=True, ignore=_LEFT_OUT)
    (tree / "DEBIAN/control").write_text(
        f"Package: {name}\nVersion: 1:1-1\nArchitecture: amd64\nMaintainer: T <t@example.org>\n"
        + (f"Depends: {', '.join(depends)}\n" if depends else "")
        + "Description: of a test\n"
    )
    script = tree / "DEBIAN/postinst"
    script.write_text("#!/bin/sh\ntouch /tmp/qcompat-postinst-ran\n")
    script.chmod(0o755)
    pool.mkdir(parents=True, exist_ok=True)
    words = ("dpkg-deb", "--root-owner-group", "-Znone", "-b", str(tree), str(pool))
    subprocess.run(words, check=True, capture_output=True)
    shutil.rmtree(tree)
    return next(pool.glob(f"{name}_*.deb"))


def publish(site: Path, suite: str, component: str, origin: str, key: Key, valid: str = "") -> Path:
    """Index the pool of a component as a suite, and sign that; the directory of the suite."""
    place = site / "dists" / suite
    index = place / component / "binary-amd64"
    index.mkdir(parents=True, exist_ok=True)
    packages = _ftparchive(site, "packages", f"pool/{component}")
    (index / "Packages.gz").write_bytes(gzip.compress(packages))
    (index / "Packages").write_bytes(packages)
    settings = {"Origin": origin, "Label": origin, "Suite": suite, "Codename": suite}
    settings |= {"Architectures": "amd64", "Components": component}
    options = [f"-oAPT::FTPArchive::Release::{each}={value}" for each, value in settings.items()]
    for old in ("Release", "InRelease"):
        (place / old).unlink(missing_ok=True)
    release = _ftparchive(site, *options, "release", str(place.relative_to(site)))
    (index / "Packages").unlink()  # named in it, and not served, as in Debian's archive
    if valid:
        release = release.replace(b"\nDate:", b"\nValid-Until: " + valid.encode() + b"\nDate:", 1)
    (place / "Release").write_bytes(release)
    key.sign(place / "Release", place / "InRelease", "--clearsign")
    return place


def _ftparchive(site: Path, *words: str) -> bytes:
    done = subprocess.run(
        ("apt-ftparchive", *words),
        cwd=site,
        check=True,
        capture_output=True,
        env={**os.environ, "LC_ALL": "C"},
    )
    return done.stdout
