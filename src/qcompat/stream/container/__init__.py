"""What a migration stream is wrapped in, and getting at it.

    with unwrapped(Path("guest.save")) as (wrapping, stream): ...

QEMU writes a bare stream; what is found on disks is often that stream compressed, behind
libvirt's header, or as an internal snapshot of a qcow2 image. What the stream itself holds is
read elsewhere: here nothing of it is looked at but its magic. Nobody's formats are implemented
here but libvirt's header: standard tools decompress, and `qemu-img` reads qcow2.
"""

from qcompat.stream.container.unwrap import unwrapped, unwrapped_file
from qcompat.stream.container.wrapping import Wrapping

__all__ = ["Wrapping", "unwrapped", "unwrapped_file"]
