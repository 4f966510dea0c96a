"""What a migration stream is wrapped in, and getting at it.

    with unwrapped(Path("guest.save")) as (wrapping, stream): ...

QEMU writes a bare stream; on disks that stream is often compressed, behind libvirt's header, or
an internal snapshot of a qcow2 image. The stream's content is read elsewhere; only its magic is
read here. Libvirt's header is the only format implemented here: standard tools decompress, and
`qemu-img` reads qcow2.
"""

from qcompat.stream.container.unwrap import unwrapped, unwrapped_file
from qcompat.stream.container.wrapping import Wrapping

__all__ = ["Wrapping", "unwrapped", "unwrapped_file"]
