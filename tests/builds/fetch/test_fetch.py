"""The order of a fetch, with packages and a QEMU that are made up; and real ones in the lab."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest

from qcompat.builds.build import Build, BuildIdentity
from qcompat.builds.fetch import fetch as fetch_module
from qcompat.builds.fetch.apt import Package
from qcompat.builds.fetch.fetch import fetch
from qcompat.builds.fetch.mirror import Sites
from qcompat.builds.registry import Registry
from qcompat.builds.run import sandbox
from qcompat.errors import BuildError, FetchError, StoreError

SITES = Sites("http://mirror.example/debian", "http://mirror.example/debian-security")
EMULATOR = Package("qemu-system-x86", "1:7.2", "qemu-system-x86_1%3a7.2_amd64.deb")
DRAWING = Package("libllvm15", "15", "libllvm15_15_amd64.deb")
MODULES = "qemu-system-modules-spice"


class Progress:
    def __init__(self) -> None:
        self.steps: list[str] = []
        self.warnings: list[str] = []

    def step(self, what: str, share: float) -> None:  # noqa: ARG002
        if what not in self.steps[-1:]:
            self.steps.append(what)

    def warn(self, message: str) -> None:
        self.warnings.append(message)


class Archive:
    """Stands in for apt: what it holds, and what goes wrong with it."""

    def __init__(self) -> None:
        self.packages: tuple[Package, ...] = (EMULATOR, DRAWING)
        self.modules: tuple[str, ...] = ()
        self.modules_fit = True
        self.in_overlay = True
        self.failures = 0
        self.updates = 0

    def update(self, warn: Callable[[str], None]) -> None:  # noqa: ARG002
        self.updates += 1

    def known(self, prefix: str) -> tuple[str, ...]:
        return tuple(name for name in self.modules if name.startswith(prefix))

    def resolve(self, names: Sequence[str]) -> tuple[Package, ...]:
        if MODULES in names and not self.modules_fit:
            raise FetchError("unmet dependencies")
        more = (Package(name, "1", f"{name}.deb") for name in names if name in self.modules)
        return (*self.packages, *more)

    def is_in_overlay(self, package: Package) -> bool:
        assert package == EMULATOR
        return self.in_overlay

    def download(
        self, packages: Sequence[Package], report: Callable[[float], None]
    ) -> tuple[Path, ...]:
        if self.failures:
            self.failures -= 1
            raise FetchError("404 Not Found")
        report(1.0)
        return tuple(Path(package.file) for package in packages)


class Lab:
    """A registry, an archive, and a QEMU that says what it is told to."""

    def __init__(self, home: Path) -> None:
        self.registry = Registry(home)
        self.cache = home / "cache"
        self.archive = Archive()
        self.progress = Progress()
        self.identity = BuildIdentity("7.2.22", "Debian 1:7.2-1", "ab" * 32)
        self.unpacked: list[tuple[Path, ...]] = []
        self.unpack_fails: BaseException | None = None

    def unpack(self, files: Sequence[Path], root: Path, report: Callable[[float], None]) -> None:
        (root / "usr" / "share" / "qemu").mkdir(parents=True)
        if self.unpack_fails:
            raise self.unpack_fails
        self.unpacked.append(tuple(files))
        report(1.0)

    def fetch(self, spec: str = "debian/bookworm") -> Build:
        return fetch(
            spec, registry=self.registry, cache=self.cache, sites=SITES, progress=self.progress
        )

    def roots(self) -> list[str]:
        return sorted(path.name for path in self.registry.roots.glob("root-*"))


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    lab = Lab(tmp_path)
    monkeypatch.setattr(fetch_module, "Apt", lambda *_: lab.archive)
    monkeypatch.setattr(fetch_module, "find_keyring", lambda *_: "/keys.gpg")
    monkeypatch.setattr(fetch_module, "unpack", lab.unpack)
    monkeypatch.setattr(fetch_module, "identify", lambda _: lab.identity)
    monkeypatch.setattr(sandbox, "why_not", lambda: "")
    return lab


def test_build_is_registered_under_what_it_says_with_the_firmware_it_has(lab: Lab) -> None:
    build = lab.fetch()
    assert build == lab.registry.get("debian-7.2.22")
    assert build.identity == lab.identity
    assert build.kind == "root"
    assert build.firmware_dirs == ("/usr/share/qemu",)
    assert lab.roots() == [Path(build.root).name]
    assert lab.progress.steps == ["package lists", "download", "unpack", "identify"]


def test_what_only_draws_with_a_gpu_is_not_downloaded(lab: Lab) -> None:
    lab.fetch()
    assert lab.unpacked == [(Path(EMULATOR.file),)]


def test_modules_in_packages_of_their_own_are_fetched_too(lab: Lab) -> None:
    lab.archive.modules = (MODULES,)
    lab.fetch()
    assert Path(f"{MODULES}.deb") in lab.unpacked[0]


def test_modules_that_do_not_fit_are_left_out_with_a_warning(lab: Lab) -> None:
    lab.archive.modules, lab.archive.modules_fit = (MODULES,), False
    lab.fetch()
    assert lab.progress.warnings == [f"without {MODULES}: unmet dependencies"]


def test_same_packages_are_not_unpacked_twice(lab: Lab) -> None:
    first, second = lab.fetch(), lab.fetch()
    assert first == second
    assert len(lab.unpacked) == 1


def test_newer_packages_of_the_same_binary_replace_the_root(lab: Lab) -> None:
    first = lab.fetch()
    lab.archive.packages = (EMULATOR, Package("seabios", "2", "seabios_2_all.deb"))
    second = lab.fetch()
    assert (second.name, second.identity) == (first.name, first.identity)
    assert lab.roots() == [Path(second.root).name] != [Path(first.root).name]


def test_newer_binary_of_the_same_version_stands_beside_it(lab: Lab) -> None:
    lab.fetch()
    lab.archive.packages = (EMULATOR, Package("seabios", "2", "seabios_2_all.deb"))
    lab.identity = BuildIdentity("7.2.22", "Debian 1:7.2-2", "cd" * 32)
    assert lab.fetch().name == "debian-7.2.22-2"
    assert lab.registry.names() == ("debian-7.2.22", "debian-7.2.22-2")
    assert len(lab.roots()) == 2


def test_file_that_the_mirror_lacks_now_and_then_is_asked_for_again(lab: Lab) -> None:
    lab.archive.failures = 2
    lab.fetch()
    assert lab.archive.updates == 3
    assert lab.progress.warnings == ["404 Not Found: trying again"] * 2


def test_file_that_the_mirror_lacks_for_good_is_an_error(lab: Lab) -> None:
    lab.archive.failures = 3
    with pytest.raises(FetchError, match="404"):
        lab.fetch()
    assert lab.registry.names() == ()


def test_overlay_without_a_qemu_does_not_pass_for_one(lab: Lab) -> None:
    lab.archive.in_overlay = False
    with pytest.raises(FetchError, match="bookworm-backports holds no QEMU of its own") as failure:
        lab.fetch("debian/bookworm-backports")
    assert failure.value.hint.endswith("debian/bookworm")
    assert lab.fetch().name == "debian-7.2.22"


@pytest.mark.parametrize(
    ("failure", "seen"),
    [
        (FetchError("bad package"), FetchError),
        (KeyboardInterrupt(), KeyboardInterrupt),
        (OSError(28, "No space left on device"), StoreError),
        (BuildError("cannot run"), BuildError),
    ],
)
def test_nothing_is_left_of_a_fetch_that_ends_badly(
    failure: BaseException, seen: type[BaseException], lab: Lab
) -> None:
    lab.unpack_fails = failure
    with pytest.raises(seen):
        lab.fetch()
    assert lab.roots() == []
    assert lab.registry.names() == ()


def test_roots_of_a_killed_fetch_are_swept_and_foreign_things_are_not(lab: Lab) -> None:
    lab.fetch()
    (lab.registry.roots / "root-killed" / "usr").mkdir(parents=True)
    (lab.registry.roots / "mine").mkdir()
    kept = lab.fetch()
    assert lab.roots() == [Path(kept.root).name]
    assert (lab.registry.roots / "mine").exists()


def test_without_bubblewrap_nothing_is_downloaded(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "why_not", lambda: "it is not installed")
    with pytest.raises(BuildError, match="run in bubblewrap, and it is not installed"):
        lab.fetch()
    assert lab.archive.updates == 0


def test_unknown_site_of_security_updates_is_told(lab: Lab) -> None:
    sites = msgspec.structs.replace(SITES, security="")
    for suite in ("debian/bookworm", "debian/sid"):
        fetch(suite, registry=lab.registry, cache=lab.cache, sites=sites, progress=lab.progress)
    assert lab.progress.warnings == [
        "no site of security updates is known: bookworm is fetched without it"
    ]
