"""What a build is registered from, and where its binary lies then.

A binary, a root and a build tree are used where they are. Packages and images are unpacked into a
root that belongs to the build.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.find.binary import find_binary
from qcompat.builds.find.libraries import missing_libraries
from qcompat.builds.find.newer_system import with_newer_system
from qcompat.builds.find.root import given_root, is_run_here, split_root
from qcompat.builds.identify import NEWER_SYSTEM
from qcompat.builds.registry import Registry
from qcompat.builds.roots import Progress, alone, new_root, sweep
from qcompat.builds.unpack.image import unpack_image
from qcompat.builds.unpack.lacking import what_to_add
from qcompat.builds.unpack.packages import is_rpm, read_package, unpack_packages
from qcompat.errors import BuildError, UsageError


class Origin(msgspec.Struct, frozen=True):
    """Paths as the user gave them, of which one kind is given.

    `path` is a binary, which may also stand beside a `root`; `binary` names the one in a root, an
    image, packages or a tree, where it is not to be looked for.
    """

    path: str = ""
    root: str = ""
    binary: str = ""
    packages: tuple[str, ...] = ()
    image: str = ""
    tree: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """The options that give it again, from wherever; none where the binary's path says it."""
        binary = ("--binary", self.binary) if self.binary else ()
        if self.packages:
            return ("--packages", *map(os.path.abspath, self.packages), *binary)
        if self.image:
            return ("--image", os.path.abspath(self.image), *binary)  # noqa: PTH100
        return ("--tree", os.path.abspath(self.tree), *binary) if self.tree else ()  # noqa: PTH100


@contextlib.contextmanager
def placed(origin: Origin, registry: Registry, progress: Progress) -> Iterator[tuple[str, str]]:
    """The root (none: this machine's own) and the binary in it, as that sees it.

    What was unpacked stays if the context ends without error.
    Errors: UsageError, FileFormatError, BuildError where there is no binary, StoreError.
    """
    if not (origin.packages or origin.image):
        yield _where_it_is(origin)
        return
    with alone(registry.roots, progress):
        sweep(registry)
        with new_root(registry.roots) as root:
            if origin.image:
                progress.step("unpack", 0)
                unpack_image(Path(origin.image), root)
            else:
                paths = [Path(each) for each in origin.packages]
                unpack_packages(paths, root, lambda share: progress.step("unpack", share))
            progress.step("identify", 0)
            yield _in_root(str(root), origin.binary)
        sweep(registry)  # a root that this one replaces


def moved(build: Build, origin: Origin, registry: Registry, error: BuildError) -> Build:
    """A build that cannot run where it is as one that can, if `error` can be helped.

    A wheel that wants a newer C library than this machine has gets that of a build in a root.
    Errors: BuildError, `error` or what explains it.
    """
    root = registry.root_of(build)
    if build.kind == "native" and root and NEWER_SYSTEM in error.message:
        donors = [each for each in reversed(registry.list()) if each.kind == "root"]
        if found := with_newer_system(build, root, donors):
            return found
        libc = " ".join(map(shlex.quote, origin.packages))
        raise BuildError(
            error.message,
            "fetch a build of a newer system, whose C library it can use, qcompat builds fetch "
            f"debian/sid, then try again; or give that library too: --packages {libc} libc6_*.deb",
        ) from error
    raise _lacking(build, origin) or error from None


def _lacking(build: Build, origin: Origin) -> BuildError | None:
    """Why a build in a root cannot run, if it is for want of libraries; all of them."""
    libraries = missing_libraries(build) if build.kind == "root" else ()
    if not libraries:
        return None
    hint = f"is the root whole? Its {build.binary} needs them to start"
    if origin.packages:
        paths = [Path(each) for each in origin.packages]
        rpm = any(is_rpm(path) for path in paths)
        hint = what_to_add(libraries, [read_package(path) for path in paths], is_rpm=rpm)
    return BuildError(f"{build.binary} lacks libraries: {', '.join(libraries)}", hint)


def _where_it_is(origin: Origin) -> tuple[str, str]:
    if origin.tree:
        tree = _directory(origin.tree)
        return "", f"{tree}{_inside(tree, origin.binary)}"
    if not origin.root:
        return split_root(shutil.which(origin.path) or origin.path)
    root, binary = given_root(_directory(origin.root)), origin.path or origin.binary
    return _in_root(root, binary) if root else split_root(binary or find_binary("/"))


def _in_root(root: str, binary: str) -> tuple[str, str]:
    """A binary without the loader that it names in the root runs with this machine's."""
    inside = _inside(root, binary)
    return ("", f"{root}{inside}") if is_run_here(root, inside) else (root, inside)


def _inside(root: str, binary: str) -> str:
    return split_root(binary or f"{root}{find_binary(root)}", root)[1]


def _directory(path: str) -> str:
    if not Path(path).is_dir():
        hint = "an image in one file is given with --image" if Path(path).is_file() else ""
        raise UsageError(f"{path} is not a directory", hint or "check its spelling")
    return os.path.abspath(path)  # noqa: PTH100 - a link to a root is resolved with the root
