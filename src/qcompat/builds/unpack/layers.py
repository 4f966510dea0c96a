"""Which layers an image has, by its own descriptions, in the two formats that are in use."""

from __future__ import annotations

import os

import msgspec

from qcompat.arch.architecture import architecture_called
from qcompat.builds.unpack.archived import Archived
from qcompat.errors import UNDECODABLE, FileFormatError

_MOST_LAYERS = 1000
_DEEPEST = 4


class _Platform(msgspec.Struct, frozen=True):
    architecture: str = ""
    os: str = ""


class _Descriptor(msgspec.Struct, frozen=True):
    digest: str
    platform: _Platform = _Platform()


class _Manifest(msgspec.Struct, frozen=True):
    """An index has `manifests`, the manifest of one image the rest."""

    manifests: tuple[_Descriptor, ...] = ()
    config: _Descriptor | None = None
    layers: tuple[_Descriptor, ...] = ()


class _RootFs(msgspec.Struct, frozen=True):
    diff_ids: tuple[str, ...]


class _Configuration(msgspec.Struct, frozen=True):
    rootfs: _RootFs
    os: str = "linux"


class _DockerManifest(msgspec.Struct, frozen=True, rename="pascal"):
    config: str
    layers: tuple[str, ...]


class Layer(msgspec.Struct, frozen=True):
    """Where a layer lies, its digest where one names it, and that of what it unpacks to."""

    path: str
    digest: str
    diff_id: str


def layers_of(archived: Archived) -> tuple[Layer, ...]:
    """The layers, the lowest first.

    Errors: FileFormatError for what is no image, or several, or damaged.
    """
    try:
        read = _of_layout if "index.json" in archived else _of_docker
        configuration, layers = read(archived)
        found = msgspec.json.decode(configuration, type=_Configuration)
    except UNDECODABLE as error:
        raise FileFormatError(f"{archived.name} is a damaged image: {error}") from error
    ids = found.rootfs.diff_ids
    if len(ids) != len(layers) or not 0 < len(ids) <= _MOST_LAYERS:
        raise FileFormatError(
            f"{archived.name} is a damaged image: it has {len(layers)} layers, and names {len(ids)}"
        )
    if found.os not in ("linux", ""):
        raise FileFormatError(f"{archived.name} is an image of {found.os[:40]!r}, not of Linux")
    return tuple(Layer(*where, diff_id) for where, diff_id in zip(layers, ids, strict=True))


def _of_layout(archived: Archived) -> tuple[bytes, list[tuple[str, str]]]:
    index = msgspec.json.decode(archived.read("index.json"), type=_Manifest)
    for _ in range(_DEEPEST):
        chosen = _of_this_machine(archived, index.manifests)
        index = msgspec.json.decode(archived.read_blob(chosen.digest), type=_Manifest)
        if index.config is not None:
            layers = [(archived.blob(each.digest), each.digest) for each in index.layers]
            return archived.read_blob(index.config.digest), layers
    raise FileFormatError(f"{archived.name} is a damaged image: its index has no end")


def _of_this_machine(archived: Archived, found: tuple[_Descriptor, ...]) -> _Descriptor:
    """The one image that is there and can run here; those of signatures have no platform."""
    machine = os.uname().machine
    known = architecture_called(machine)
    # Go's names of machines, which platforms have, are Debian's or the kernel's.
    fitting = ("", machine, known.debian if known else machine)
    there = {
        each.digest: each
        for each in found
        if each.platform.architecture in fitting and archived.blob(each.digest) in archived
    }
    if len(there) == 1:
        return next(iter(there.values()))
    raise _not_one(archived, len(there), "for this machine")


def _of_docker(archived: Archived) -> tuple[bytes, list[tuple[str, str]]]:
    if "manifest.json" not in archived:
        raise FileFormatError(
            f"{archived.name} is no image: it has neither index.json nor manifest.json",
            "save one: docker save IMAGE -o FILE, or skopeo copy … oci-archive:FILE; "
            "a tar of a root is unpacked first, then added with --root DIR",
        )
    content = archived.read("manifest.json")
    images = msgspec.json.decode(content, type=tuple[_DockerManifest, ...])
    if len(images) != 1:
        raise _not_one(archived, len(images), "")
    return archived.read(images[0].config), [(each, "") for each in images[0].layers]


def _not_one(archived: Archived, count: int, which: str) -> FileFormatError:
    held = " ".join(filter(None, (f"{archived.name} holds {count or 'no'} images", which)))
    return FileFormatError(held, "save one image alone: docker save IMAGE -o FILE")
