"""The XML documents in which a domain comes, parsed without entities, DTD or anything outside.

`virsh dumpxml`, with or without `--inactive` and `--migratable`, `save-image-dumpxml` and
`managedsave-dumpxml` give a <domain>; a running guest's file in /run/libvirt/qemu is a <domstatus>
around it, `snapshot-dumpxml` gives a <domainsnapshot>.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from qcompat.errors import UNDECODABLE, FileFormatError
from qcompat.guest.given.form import shown

QEMU = "{http://libvirt.org/schemas/domain/qemu/1.0}"
"""The name space of <qemu:commandline> and its like."""
_AROUND = {"domain": ".", "domstatus": "domain", "domainsnapshot": "domain"}
_MOST_ELEMENTS = 200_000
_HOW = "write it with: virsh dumpxml NAME"


def is_xml(data: bytes) -> bool:
    """Whether the bytes begin as XML does."""
    start = data[:64].removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lstrip()
    return start.startswith((b"<", b"\xff\xfe<", b"\xfe\xff<"))


def domain_in(data: bytes) -> Element:
    """The <domain> of a document. Errors: FileFormatError with what speaks against it."""
    try:
        root = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise FileFormatError("it has a DTD or entities, which are not read", _HOW) from error
    except (ParseError, LookupError, *UNDECODABLE) as error:
        raise FileFormatError(f"it is not well-formed XML: {error}", _HOW) from error
    path = _AROUND.get(root.tag)
    if path is None:
        raise FileFormatError(f"it describes no domain: its root is {shown(root.tag)}", _HOW)
    found = root if path == "." else root.find(path)
    if found is None:
        raise FileFormatError(f"<{root.tag}> holds no <domain>", _HOW)
    if sum(1 for _ in found.iter()) > _MOST_ELEMENTS:
        raise FileFormatError(f"it has more than {_MOST_ELEMENTS} elements", _HOW)
    return found
