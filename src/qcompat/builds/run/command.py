"""The command line that runs a build: its sandbox, its binary, its firmware directories.

The guest's arguments come after the returned words. The sandbox keeps two promises that no
argument of a guest can break: the build opens no file of the user outside the directories named
here, and it has no network. A native build sees the system's directories and its own: its binary,
what was installed beside it, what its registration names, and its libraries; one in a root sees
those of its root. `sandbox` has the parts of the sandbox, `places` finds what is a build's own. Of
the host's kernel it sees read-only what a guest is made of (`sandbox.HOST_FILES`), or it would make
another guest than outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qcompat.builds.build import Build
from qcompat.builds.run import sandbox
from qcompat.builds.run.inside import resolve_inside
from qcompat.builds.run.places import hidden, places
from qcompat.builds.run.tether import tethered
from qcompat.errors import BuildError
from qcompat.local.kvm import has_kvm


def command(
    build: Build,
    *,
    writable: Sequence[Path] = (),
    readable: Sequence[Path] = (),
    kvm: bool = True,
    network_namespace: bool = False,
    system_calls: int | None = None,
) -> list[str]:
    """Words that start the build, as a child of this process in a new session.

    It dies with the thread that started it. Kill it as a process group (`tether.kill`).
    `writable` and `readable` directories are seen at their own paths; /tmp inside is private.
    `kvm` gives it `/dev/kvm` where that is usable. `network_namespace` lets QEMU make taps in its
    own empty network (see `sandbox.can_make_taps`). `system_calls` is an open file with a filter
    (`kvm_memory`), which the sandbox inherits. Inherited file descriptors pass through.
    Without bubblewrap a native build runs unconfined, but still dies with its parent.

    Errors: BuildError where a root build, or a tap, needs bubblewrap and it does not work.
    """
    lacking = sandbox.why_not()
    if not lacking:
        words = _sandbox(build, writable, readable)
        if kvm and has_kvm():
            words += ["--dev-bind", "/dev/kvm", "/dev/kvm"]
        if network_namespace:
            words += sandbox.taps()
        if system_calls is not None:
            words += ["--seccomp", str(system_calls)]
        return tethered([*words, "--", *_binary(build)])
    if build.kind == "root" or network_namespace:
        what = "a fetched build" if build.kind == "root" else "a private network"
        raise BuildError(
            f"build {build.name} cannot run: {what} needs bubblewrap, and {lacking}",
            sandbox.HINT,
        )
    settings = (f"{name}={value}" for name, value in _environment(build).items())
    return tethered(["env", "-i", *settings, *_binary(build)])


def _sandbox(build: Build, writable: Sequence[Path], readable: Sequence[Path]) -> list[str]:
    system = _own_root(build.root) if build.kind == "root" else sandbox.SYSTEM
    words = [*sandbox.BASE, *system, *sandbox.PRIVATE, *sandbox.HOST]
    words += [word for place in hidden(build) for word in ("--tmpfs", place)]
    words += [word for pair in places(build) for word in ("--ro-bind", *pair)]
    words += _binds("--ro-bind", readable)
    words += _binds("--bind", writable)
    for name, value in _environment(build).items():
        words += ["--setenv", name, value]
    return words


def _own_root(root: str) -> list[str]:
    """The root's own system; on a usr-merged one some of its top directories are links.

    Suites before bookworm have a real /lib; in merged ones only some packages do.
    """
    words: list[str] = []
    for name in sandbox.TOPS:
        top = Path(root, name)
        if top.is_dir() and not top.is_symlink():
            words += ["--ro-bind", str(top), f"/{name}"]
        elif Path(root, "usr", name).is_dir():
            words += ["--symlink", f"usr/{name}", f"/{name}"]
    for name in sandbox.ETC:
        words += ["--ro-bind-try", f"{root}{resolve_inside(root, f'/{name}')}", f"/{name}"]
    return words


def _binds(how: str, paths: Sequence[Path]) -> list[str]:
    return [word for path in paths for word in (how, str(path), str(path))]


def _binary(build: Build) -> list[str]:
    binary = resolve_inside(build.root, build.binary)
    return [binary, *(word for path in build.firmware_dirs for word in ("-L", path))]


def _environment(build: Build) -> dict[str, str]:
    """Nothing of the user's environment but the path of a native build's libraries."""
    found = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/", "TMPDIR": "/tmp"}  # noqa: S108
    if build.module_dir:
        found["QEMU_MODULE_DIR"] = build.module_dir
    if build.kind == "native" and (libraries := sandbox.library_path()):
        found["LD_LIBRARY_PATH"] = libraries
    return found
