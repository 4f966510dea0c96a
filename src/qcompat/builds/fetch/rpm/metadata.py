"""The metadata of a repository: `repomd.xml`, signed, names by digest the list of its packages.

Format: createrepo_c 1.x, `repodata/repomd.xml` and `…-primary.xml`. Of the packages only what
leads to QEMU's files is kept: names, libraries that are provided and required.
"""

from __future__ import annotations

import base64
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring, iterparse

from qcompat.builds.fetch.rpm.download import check_digest, fetch_file
from qcompat.builds.fetch.tool import run
from qcompat.builds.unpack.bounds import Plain
from qcompat.errors import FetchError, FileFormatError, UsageError
from qcompat.local.foreign_file import read_foreign

_MOST_INDEX, _MOST_LIST, _MOST_PLAIN = 1 << 20, 256 << 20, 2 << 30
_MOST_PACKAGES = 500_000
_REPO = "{http://linux.duke.edu/metadata/repo}"
_COMMON = "{http://linux.duke.edu/metadata/common}"
_RPM = "{http://linux.duke.edu/metadata/rpm}"
_BROKEN = (ParseError, DefusedXmlException, FileFormatError, KeyError, ValueError, AttributeError)


class Listed(msgspec.Struct, frozen=True):
    """A package of a repository; `url` and digest are those of its file."""

    name: str
    version: tuple[str, str, str]
    url: str
    size: int
    algorithm: str
    digest: str
    provides: tuple[str, ...]
    requires: tuple[str, ...]


def read_repository(url: str, keyring: str, place: Path, machine: str) -> tuple[Listed, ...]:
    """The packages of a repository for a machine, as `uname -m` names it.

    Errors: FetchError where something is missing, is not signed by the keys, or is damaged.
    """
    site = url.rstrip("/")
    _download(f"{site}/repodata/repomd.xml", place / "repomd.xml", _MOST_INDEX)
    try:
        _download(f"{site}/repodata/repomd.xml.asc", place / "repomd.xml.asc", _MOST_INDEX)
    except FetchError as error:
        raise FetchError(
            f"the metadata of {site} is not signed: {error.message}",
            "name a mirror that has repomd.xml.asc; or add packages whose signatures you have "
            "checked: qcompat builds add NAME --packages FILE...",
        ) from error
    _verify(place, keyring, site)
    try:
        path, algorithm, digest = _primary((place / "repomd.xml").read_bytes())
        _download(_below(site, path), place / "primary", _MOST_LIST)
        check_digest(place / "primary", algorithm, digest)
        with (place / "primary").open("rb") as file:
            return tuple(_packages(Plain(file, "primary", _MOST_PLAIN), site, machine))
    except _BROKEN as error:
        raise FetchError(f"the metadata of {site} is damaged: {error}") from error


def _download(url: str, path: Path, most: int) -> None:
    with path.open("wb") as file:
        fetch_file(url, file, most)


def _verify(place: Path, keyring: str, site: str) -> None:
    """The keys may be written in text, as distributions hand them out."""
    content = read_foreign(Path(keyring), _MOST_INDEX, "name a file with the keys: --keyring FILE")
    (place / "keys.gpg").write_bytes(_without_armour(content))
    names = ("repomd.xml.asc", "repomd.xml")
    words = ["gpgv", "--keyring", str(place / "keys.gpg"), *(str(place / each) for each in names)]
    done = run(words)
    if done.code:
        told = done.errors.strip().splitlines()
        raise FetchError(
            f"the metadata of {site} is not signed by these keys: {(told or ['gpgv failed'])[-1]}",
            f"is {keyring} the distribution's? --keyring FILE names another",
        )


def _without_armour(content: bytes) -> bytes:
    blocks = re.findall(
        rb"-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(.*?)-----END PGP", content, re.S
    )
    if not blocks:
        return content
    try:
        return b"".join(_block(block) for block in blocks)
    except ValueError as error:
        raise UsageError(f"the keyring is damaged: {error}", "export the keys again") from error


def _block(block: bytes) -> bytes:
    """Headers end with an empty line; the last line, after `=`, is a checksum."""
    lines = block.replace(b"\r", b"").split(b"\n")
    start = lines.index(b"") if b"" in lines else 0
    text = [line for line in lines[start:] if line and not line.startswith(b"=")]
    return base64.b64decode(b"".join(text), validate=True)


def _primary(content: bytes) -> tuple[str, str, str]:
    root: Any = fromstring(content)
    for data in root.iter(f"{_REPO}data"):
        if data.get("type") == "primary":
            checksum = data.find(f"{_REPO}checksum")
            return data.find(f"{_REPO}location").get("href"), checksum.get("type"), checksum.text
    raise ValueError("it lists no packages")


def _below(site: str, path: str) -> str:
    if path != posixpath.normpath(path) or path.startswith(("/", "..")) or ":" in path:
        raise ValueError(f"{path[:100]!r} leads out of the repository")
    return f"{site}/{path}"


def _packages(file: Any, site: str, machine: str) -> Iterator[Listed]:
    count = 0
    root: Any = None
    for event, element in iterparse(file, events=("start", "end")):
        if root is None:
            root = element
        if event == "end" and element.tag == f"{_COMMON}package":
            count += 1
            if count > _MOST_PACKAGES:
                raise ValueError(f"it lists more than {_MOST_PACKAGES} packages")
            if element.findtext(f"{_COMMON}arch") in (machine, "noarch"):
                yield _listed(element, site)
            root.clear()


def _listed(element: Any, site: str) -> Listed:
    name = element.findtext(f"{_COMMON}name")
    version = element.find(f"{_COMMON}version")
    checksum = element.find(f"{_COMMON}checksum")
    form = element.find(f"{_COMMON}format")
    provides, requires = (
        tuple(entry.get("name") for block in form.iter(f"{_RPM}{what}") for entry in block)
        for what in ("provides", "requires")
    )
    return Listed(
        name,
        (str(int(version.get("epoch") or 0)), version.get("ver"), version.get("rel")),
        _below(site, element.find(f"{_COMMON}location").get("href")),
        int(element.find(f"{_COMMON}size").get("package")),
        checksum.get("type"),
        checksum.text,
        tuple(each for each in provides if ".so" in each or each == name),
        tuple(each for each in requires if ".so" in each or each.replace("-", "").isalnum()),
    )
