"""What was found around a stream."""

from __future__ import annotations

import msgspec


class Wrapping(msgspec.Struct, frozen=True):
    """What a file wraps its migration stream in.

    `kind` is "none", "libvirt", "qcow2" or the name of the tool that decompresses the file.
    `compression` names that tool also for what libvirt compressed; empty if nothing did.
    `domain_xml` is what libvirt keeps of the guest, otherwise empty.
    `details` are pairs of a noun and what is to be said of it, for people.
    """

    kind: str
    compression: str = ""
    domain_xml: str = ""
    details: tuple[tuple[str, str], ...] = ()
