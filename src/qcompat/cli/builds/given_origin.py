"""From which of the forms of `builds add` a build is made: exactly one is given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qcompat.app.build_origin import Origin
from qcompat.errors import UsageError

_PACKAGES = (".deb", ".rpm", ".whl")
_IMAGES = (".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.xz")


def given_origin(
    name: str,
    paths: Sequence[str],
    *,
    root: str,
    tree: str,
    image: str,
    packages: bool,
    binary: str,
) -> Origin:
    """The origin. Errors: UsageError, with the command that would work."""
    if name.endswith(_PACKAGES) and packages:
        raise UsageError(
            f"a name comes first, and {name} is a package",
            "qcompat builds add NAME --packages FILE...",
        )
    kinds = {"--root": root, "--tree": tree, "--image": image, "--packages": packages}
    named = [kind for kind, value in kinds.items() if value]
    if len(named) > 1:
        raise UsageError(f"{' and '.join(named)} exclude each other", "give one of them")
    if packages:
        if not paths:
            raise UsageError("no package is named", f"qcompat builds add {name} --packages FILE...")
        return Origin(packages=tuple(paths), binary=binary)
    path = _only(name, paths, named, binary)
    if not named and not path:
        raise UsageError(
            f"what is {name} to be made of?",
            f"a binary: qcompat builds add {name} PATH; or --root DIR, --tree DIR, "
            "--image FILE, --packages FILE...",
        )
    return Origin(path, root, binary, (), image, tree)


def _only(name: str, paths: Sequence[str], named: Sequence[str], binary: str) -> str:
    """The one path that may be given; beside a root it is another word for `--binary`."""
    path = paths[0] if paths else ""
    if len(paths) > 1 or (path and not named and path.endswith(_PACKAGES)):
        raise UsageError(
            f"{' '.join(paths[:2])}: one binary is registered at a time",
            f"packages are given so: qcompat builds add {name} --packages FILE...",
        )
    if not named and path and Path(path).is_dir():
        raise UsageError(
            f"{path} is a directory",
            f"qcompat builds add {name} --root {path}, or --tree for a build tree",
        )
    if not named and path.endswith(_IMAGES):
        raise UsageError(f"{path} is an archive", f"qcompat builds add {name} --image {path}")
    if path and (named not in ([], ["--root"]) or binary):
        raise UsageError(f"{path} is one path too many", "name the emulator with --binary")
    return path
