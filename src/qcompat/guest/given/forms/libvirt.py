"""The domain XML of libvirt, of a guest that runs or one that does not.

So are guests of OpenStack, oVirt, KubeVirt and virt-manager: libvirt runs them.
"""

from __future__ import annotations

from qcompat.errors import FileFormatError
from qcompat.guest.given.domain.convert import words_of
from qcompat.guest.given.domain.document import domain_in, is_xml
from qcompat.guest.given.form import Form, Given, Mismatch


def _mismatch(data: bytes) -> Mismatch | None:
    if not is_xml(data):
        return Mismatch("domain XML begins with <")
    try:
        domain_in(data)
    except FileFormatError as error:
        return Mismatch(f"as domain XML, {error.message}", is_near=True)
    return None


def _read(data: bytes, name: str) -> tuple[Given, ...]:
    words, uncovered = words_of(domain_in(data))
    return (Given(words, name, uncovered),)


FORM = Form(
    name="a domain's XML (virsh dumpxml NAME)",
    example=b"<domain type='kvm'><name>web1</name><memory unit='GiB'>1</memory>"
    b"<os><type machine='pc-q35-10.0'>hvm</type></os></domain>",
    mismatch=_mismatch,
    read=_read,
)
