"""The images of disks, and the block nodes that libvirt makes for them (src/qemu/qemu_block.c)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import msgspec

from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.line.words import Value, Words, option
from qcompat.guest.given.domain.values import count, part


class Image(msgspec.Struct, frozen=True):
    """An image of a chain: its source, its format, and the number of its block nodes.

    `is_encrypted`: by QEMU, and not by the driver that reaches it.
    """

    source: Element
    type: str
    format: str
    is_encrypted: bool
    number: int

    @property
    def node(self) -> str:
        """The node that a device or the image above it uses."""
        layer = "slice-sto" if self.is_sliced else "storage"
        return f"libvirt-{self.number}-{layer if self.is_plain else 'format'}"

    @property
    def is_plain(self) -> bool:
        """Whether it needs no node for its format."""
        return self.format == "raw" and not self.is_encrypted

    @property
    def is_sliced(self) -> bool:
        """Whether it is a part of its file."""
        return self.source.find("slices/slice[@type='storage']") is not None


def chains(domain: Domain) -> dict[int, list[Image]]:
    """The images of each disk, by the disk's `id()`; libvirt numbers them from the last disk."""
    found: dict[int, list[Image]] = {}
    number_ = 0
    for disk in reversed(domain.all("disk")):
        if disk.bus == "sd":
            found[id(disk)] = [Image(*each, 0) for each in _images(disk.element)]
            continue
        images: list[Image] = []
        number_ += _is_empty(disk.element)
        for image in _images(disk.element):
            number_ += 1
            images.append(Image(*image, number_))
            if image[0].find("dataStore") is not None:
                number_ += 1
        number_ += len(disk.element.findall("throttlefilters/throttlefilter"))
        found[id(disk)] = images
    return found


def _is_empty(disk: Element) -> bool:
    """Whether it has no medium; libvirt numbers that, too."""
    type_ = disk.get("type", "file")
    return type_ != "vhostuser" and not _has_content(part(disk, "source"), type_)


def _images(disk: Element) -> Iterator[tuple[Element, str, str, bool]]:
    """Source, type, format and encryption of the image and of those behind it, down to an empty
    one.
    """
    level: Element | None = disk
    while level is not None:
        source, type_ = level.find("source"), level.get("type", "file")
        if source is None or type_ == "vhostuser" or not _has_content(source, type_):
            return
        given = part(level, "driver") if level is disk else part(level, "format")
        encryption = level.find("encryption")
        encryption = source.find("encryption") if encryption is None else encryption
        is_encrypted = encryption is not None and encryption.get("engine", "qemu") == "qemu"
        yield source, type_, given.get("type") or "raw", is_encrypted
        level = level.find("backingStore")


def _has_content(source: Element, type_: str) -> bool:
    key = {"file": "file", "block": "dev", "dir": "dir", "volume": "volume"}.get(type_)
    return key is None or bool(source.get(key))


def nodes(image: Image, below: Image | None, *, is_read_only: bool) -> Words:
    storage = f"libvirt-{image.number}-storage"
    yield from option(
        "blockdev", {**_storage(image), "node-name": storage, "read-only": is_read_only}
    )
    slice_ = part(image.source, "slices/slice[@type='storage']")
    sliced = f"libvirt-{image.number}-slice-sto" if image.is_sliced else storage
    if image.is_sliced:
        offset, size = count(slice_, "offset"), count(slice_, "size")
        fields: dict[str, Value] = {"driver": "raw", "node-name": sliced, "offset": offset}
        yield from option("blockdev", {**fields, "size": size, "file": storage})
    if image.is_plain:
        return
    is_luks = image.format == "raw"
    yield from option(
        "blockdev",
        {
            "node-name": image.node,
            "read-only": is_read_only,
            "driver": "luks" if is_luks else image.format,
            "file": sliced,
            "backing": below.node if below else None,
        },
    )


def _storage(image: Image) -> dict[str, Value]:
    source = image.source
    if image.type == "file":
        return {"driver": "file", "filename": source.get("file")}
    if image.type == "block":
        return {"driver": "host_device", "filename": source.get("dev")}
    if image.type == "dir":
        return {"driver": "vvfat", "dir": source.get("dir")}
    if image.type == "network":
        host = part(source, "host")
        protocol = source.get("protocol", "")
        return {"driver": protocol, "host": host.get("name"), "path": source.get("name")}
    if image.type == "nvme":
        return {"driver": "nvme", "namespace": count(source, "namespace")}
    return {"driver": {"vhostvdpa": "virtio-blk-vhost-vdpa"}.get(image.type, image.type)}
