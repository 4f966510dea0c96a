"""What the facts of a build depend on, as one key under which they are kept."""

from __future__ import annotations

import hashlib

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.learn.contents import catalogue
from qcompat.builds.learn.files import binary_of, modules_of
from qcompat.errors import BuildError

FORMAT = 2
"""Of the facts; another one is not found again."""


def fingerprint(build: Build) -> str:
    """Identity, files and what is looked for: anything that could change the facts.

    Errors: BuildError where a file is gone.
    """
    digest = hashlib.sha256(msgspec.json.encode((FORMAT, build.identity, build.firmware_dirs)))
    digest.update(catalogue())
    try:
        for path in (binary_of(build), *modules_of(build)):
            seen = path.stat()
            digest.update(f"{path.name} {seen.st_size} {seen.st_mtime_ns}\n".encode())
    except OSError as error:
        raise BuildError(
            f"build {build.name} is gone: {error.filename}: {error.strerror}",
            f"qcompat builds remove {build.name}, then fetch or add it again",
        ) from error
    return digest.hexdigest()
