"""Apt with a state of its own: it resolves and downloads, and never touches the host's.

The dpkg status is empty, so apt downloads every package that a build needs, the C library
included. Signatures are always verified. What happens to the packages is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from qcompat.builds.fetch.archive import Archive, archive_called
from qcompat.builds.fetch.mirror import Sites
from qcompat.builds.fetch.suite import Suite
from qcompat.builds.fetch.tool import Outcome, run
from qcompat.errors import FetchError
from qcompat.local.home import make_private
from qcompat.local.whole_file import write_whole

# The host's hooks are cleared: they would act on the host. The host's proxy settings stay.
_SETTINGS = """
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Update::Pre-Invoke;
#clear APT::Architectures;
#clear APT::Default-Release;
APT::Architecture "{arch}";
APT::Architectures {{ "{arch}"; }};
APT::Sandbox::User "root";
APT::Get::AllowUnauthenticated "false";
APT::Install-Recommends "false";
APT::Install-Suggests "false";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
Acquire::GzipIndexes "true";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
Debug::NoLocking "true";
Dir::Etc::sourcelist "{place}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "{place}/state";
Dir::State::lists "{place}/lists";
Dir::State::status "{place}/status";
Dir::Cache "{place}/cache";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "srcpkgcache.bin";
"""
_DEBIAN = archive_called("debian")
_CHOSEN = re.compile(r"^'[^']+' (?P<file>(\S+?)_(\S+)_\w+\.deb) (\d+)", re.M)


class Package(msgspec.Struct, frozen=True, order=True):
    """A package as apt would install it, and the name that it gives the downloaded file."""

    name: str
    version: str
    file: str


class Apt:
    """Apt over the sources of one suite, with its state below `place`.

    Packages are of `arch`, as Debian names it; by default of this machine's. `below` has the
    sources of the archive that the suite's stands on, from which packages are taken too. `sizes`
    are the bytes to download of the files that were resolved last.
    """

    below: Apt | None = None

    def __init__(
        self, suite: Suite, sites: Sites, keyring: str, place: Path, *, arch: str = ""
    ) -> None:
        self._suite, self._sites, self._keyring = suite, sites, keyring
        self._place = place
        self.sizes: dict[str, int] = {}
        self.archives = place / "archives"
        self.arch = arch or architecture()

    def update(self, warn: Callable[[str], None]) -> None:
        """Download the package lists. An optional suite that is missing gets a warning.

        Errors: FetchError.
        """
        optional = self._all_optional()
        while True:
            self._write(optional)
            done = self._run("update", "-o", "APT::Update::Error-Mode=any")
            if not done.code:
                return
            missing = [name for name in optional if _lacks(done.errors, name)]
            if not missing or _lacks(done.errors, self._suite.base):
                raise failure(
                    f"cannot load the package lists of {self._suite.spec}",
                    done,
                    self._suite.archive,
                )
            warn(f"the mirror has no {' and no '.join(missing)}: fetched without")
            optional = [name for name in optional if name not in missing]

    def known(self, prefix: str) -> tuple[str, ...]:
        """The names of the packages that begin with `prefix`."""
        done = run(["apt-cache", *self._options(), "pkgnames", prefix])
        return tuple(sorted(done.output.split()))

    def resolve(self, names: Sequence[str]) -> tuple[Package, ...]:
        """The packages, and all that they depend on. Errors: FetchError."""
        target = ["-t", self._suite.overlay] if self._suite.overlay else []
        # Printing addresses takes a third of the time of a simulation.
        done = self._run(*target, "--print-uris", "--yes", "install", *names)
        if done.code:
            raise failure(f"{self._suite.spec} cannot give {' '.join(names)}", done)
        found = _CHOSEN.findall(done.output)
        self.sizes = {file: int(size) for file, _, _, size in found}
        return tuple(sorted(Package(n, v.replace("%3a", ":"), file) for file, n, v, _ in found))

    def is_in_overlay(self, package: Package) -> bool:
        """Whether the suite's overlay holds that version of it."""
        done = run(["apt-cache", *self._options(), "madison", package.name])
        rows = (row.split("|") for row in done.output.splitlines())
        holders = [where for _, version, where in rows if version.strip() == package.version]
        return any(f" {self._suite.overlay}/" in where for where in holders)

    def download(
        self, packages: Sequence[Package], report: Callable[[float], None]
    ) -> tuple[Path, ...]:
        """The packages' files, verified; those in the cache are only verified.

        `report` gets the share that is done, from 0 to 1. Errors: FetchError.
        """

        def status(line: str) -> None:
            if line.startswith("dlstatus:"):
                report(float(line.split(":")[2]) / 100)

        wanted = [f"{package.name}={package.version}" for package in packages]
        done = self._run("-o", "APT::Status-Fd={status}", "download", *wanted, status=status)
        files = tuple(self.archives / package.file for package in packages)
        missing = [path.name for path in files if not path.is_file()]
        if done.code or missing:
            raise failure(f"cannot download the packages of {self._suite.spec}", done)
        for path in set(self.archives.glob("*.deb")) - set(files):
            path.unlink(missing_ok=True)  # superseded
        for path in (self._place / "cache").glob("*.bin"):
            path.unlink(missing_ok=True)  # apt's index: large, and quickly made again
        return files

    def _all_optional(self) -> list[str]:
        return [*self._optional(), *(self.below._optional() if self.below else ())]

    def _optional(self) -> list[str]:
        served = self._sites.security
        return [n for n in self._suite.optional if served or not n.endswith("-security")]

    def _write(self, optional: Sequence[str]) -> None:
        for name in ("state", "lists/partial", "cache", "archives/partial"):
            make_private(self._place / name)
        settings = _SETTINGS.format(arch=self.arch, place=self._place)
        write_whole(self._place / "status", b"")
        write_whole(self._place / "apt.conf", settings.encode())
        lines = self._sources(optional)
        if self.below:
            lines += self.below._sources(optional)
        write_whole(self._place / "sources.list", "\n".join([*lines, ""]).encode())

    def _sources(self, optional: Sequence[str]) -> list[str]:
        own = (name for name in self._optional() if name in optional)
        suites = (self._suite.base, self._suite.overlay, *own)
        return [self._source(name) for name in suites if name]

    def _source(self, suite: str) -> str:
        site = self._sites.security if suite.endswith("-security") else self._sites.main
        options = f"arch={self.arch} signed-by={self._keyring} target=Packages"
        if site in self._sites.named:
            options += " check-date=yes check-valid-until=yes"
        return f"deb [{options}] {site} {suite} {' '.join(self._suite.archive.components)}"

    def _options(self) -> tuple[str, ...]:
        return ("-c", str(self._place / "apt.conf"))

    def _run(self, *words: str, status: Callable[[str], None] | None = None) -> Outcome:
        return run(
            ["apt-get", *self._options(), "--quiet", *words], directory=self.archives, status=status
        )


def architecture() -> str:
    """Debian's name of this machine's architecture. Errors: FetchError."""
    return run(["dpkg", "--print-architecture"]).output.strip()


def failure(what: str, done: Outcome, archive: Archive = _DEBIAN) -> FetchError:
    """The error for a run of apt that failed, with the cause that apt gave and a remedy."""
    lines = done.errors.splitlines()
    causes = [line[3:] for line in lines if line.startswith("E: ")] or lines[-1:]
    told = "\n".join(lines)
    if "NO_PUBKEY" in told or "not signed" in told:
        package = archive.keyring_package
        newer = f"install a newer {package}, or name" if package else "name"
        hint = f"{newer} the file with the keys: --keyring FILE"
    elif "is expired" in told:
        hint = "the mirror is not kept up to date, or this machine's clock is wrong: --mirror URL"
    elif "No space left" in told:
        hint = "free some space, or let QCOMPAT_CACHE name another disk"
    elif "does not have a Release file" in told:
        hint = "is that a suite of it, and does the mirror hold it? --mirror names another"
    elif "resolv" in told or "connect" in told:
        hint = "check the network, or name another mirror: --mirror URL"
    else:
        hint = "try again later, or name another mirror: --mirror URL"
    return FetchError(f"{what}: {'; '.join(causes[:3]) or f'apt ended with {done.code}'}", hint)


def _lacks(errors: str, suite: str) -> bool:
    """Whether apt says that a suite is not on its site; a bad signature is another case."""
    return (
        re.search(rf"{re.escape(suite)} Release' (does not have|no longer has)", errors) is not None
    )
