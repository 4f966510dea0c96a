"""The nouns of a migration stream: sections, their descriptions, RAM blocks.

Bytes are read into these by `reader`; the fields of a section are laid out by `layout`, the
opaque state of a virtio device by `virtio`. Format: QEMU's migration/savevm.c,
migration/vmstate.c, migration/ram.c.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

Size = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class FieldDescription(msgspec.Struct, frozen=True):
    """A field as the stream's own description (vmdesc) declares it.

    `size` is the bytes of one element on the wire, `array_len` the number of elements or None
    for a scalar, `index` the position where an array is described element by element.
    The fields of a `struct` are in `struct`; those of a `vstruct` or `tmp` QEMU writes into the
    field itself (migration/vmstate.c, vmsd_desc_field_start); `nested` is either.
    """

    name: str
    type: str
    size: Size
    array_len: Size | None = None
    index: Size | None = None
    struct: SectionDescription | None = None
    vmsd_name: str = ""
    version: int = 0
    fields: tuple[FieldDescription, ...] = ()
    subsections: tuple[SectionDescription, ...] = ()

    @property
    def count(self) -> int:
        """How many elements lie on the wire: 1 for a scalar."""
        return 1 if self.array_len is None else self.array_len

    @property
    def nested(self) -> SectionDescription | None:
        """What this field is made of, or None for one that is a value of its own."""
        if self.struct is not None or not self.fields:
            return self.struct
        return SectionDescription(self.vmsd_name, self.version, self.fields, self.subsections)


class SectionDescription(msgspec.Struct, frozen=True):
    """A section, nested structure or subsection as the vmdesc declares it.

    `vmsd_name` is empty for a section of a save handler without a VMStateDescription, and for
    the structure of a null pointer (before QEMU 10.0).
    """

    vmsd_name: str = ""
    version: int = 0
    fields: tuple[FieldDescription, ...] = ()
    subsections: tuple[SectionDescription, ...] = ()

    @property
    def has_null_array(self) -> bool:
        """Whether an array of pointers is described as null throughout, which may be wrong.

        Since 10.0 null pointers are described one by one (migration/vmstate.c).
        """
        return any(
            field.type == "struct" and field.nested == SectionDescription() and field.array_len
            for field in self.fields
        )


class Section(msgspec.Struct, frozen=True):
    """One device section: who it is for, and its bytes.

    `idstr` is `0000:00:02.0/virtio-net`; `offset` where `payload` begins in the stream;
    `description` is None where the stream carries none for it, or one of another length.
    """

    idstr: str
    instance_id: int
    version_id: int
    payload: bytes
    offset: int = 0
    description: SectionDescription | None = None


class MappedRam(msgspec.Struct, frozen=True):
    """Where a mapped-ram file keeps a block: the header that ram.c calls MappedRamHeader.

    `bitmap` and `pages` are places in the file; a bit stands for a page of `page_size` bytes.
    """

    version: int
    page_size: int
    bitmap: int
    pages: int


class RamBlock(msgspec.Struct, frozen=True, omit_defaults=True):
    """A block of guest memory as the stream's RAM section announces it; `length` in bytes.

    `page_size` is that of the source's host, sent before postcopy for blocks on huge pages;
    `address` the guest-physical one, sent with x-ignore-shared; `mapped` is of mapped-ram files.
    """

    name: str
    length: int
    page_size: int | None = None
    address: int | None = None
    mapped: MappedRam | None = None


class Configuration(msgspec.Struct, frozen=True):
    """The configuration section: the machine type's name and what its subsections say.

    `capabilities` are migration capabilities both ends must share, `page_bits` the target
    page size as a power of two or None where not sent, `uuid` likewise. `others` are
    subsections that only the stream's description knows: name, version, bytes.
    """

    machine: str
    capabilities: tuple[str, ...] = ()
    page_bits: int | None = None
    uuid: str | None = None
    others: tuple[tuple[str, int, bytes], ...] = ()


class Stream(msgspec.Struct, frozen=True):
    """A migration stream without the contents of guest memory.

    `complete`: its end mark was reached; `page_size` is the guest page size that the
    description names (0 without a description).
    """

    version: int
    configuration: Configuration | None
    sections: tuple[Section, ...]
    ram: tuple[RamBlock, ...]
    page_size: int = 0
    complete: bool = True
