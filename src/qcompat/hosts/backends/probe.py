"""A program of its own: makes a tap where it runs, and prints what the kernel lets it carry.

`ask_tap` runs it in a network namespace of its own with the bare interpreter: it imports nothing
of qcompat. Its arguments are the masks to try and the most queues to try; it prints one JSON
object, whose member `failed` names what was refused.
"""

from __future__ import annotations

import fcntl
import json
import os
import struct
import sys

# linux/if_tun.h; the same on every release since 2.6.27.
TUNSETIFF, TUNGETFEATURES, TUNSETOFFLOAD = 0x400454CA, 0x800454CF, 0x400454D0
TAP, NO_PI, VNET_HDR, MULTI_QUEUE = 0x0002, 0x1000, 0x4000, 0x0100
NODE = "/dev/net/tun"


def main() -> None:
    masks, most = [int(each, 0) for each in sys.argv[1:-1]], int(sys.argv[-1])
    try:
        print(json.dumps(asked(masks, most)))
    except OSError as error:
        print(json.dumps({"failed": f"{error.filename or NODE}: {error.strerror}"}))


def asked(masks: list[int], most: int) -> dict[str, object]:
    first = os.open(NODE, os.O_RDWR)
    (flags,) = struct.unpack("I", fcntl.ioctl(first, TUNGETFEATURES, bytes(4)))
    wanted = TAP | NO_PI | (flags & VNET_HDR) | (flags & MULTI_QUEUE)
    join(first, wanted)
    taken = [mask for mask in masks if is_taken(first, mask)]
    queues = count_queues(wanted, most) if flags & MULTI_QUEUE else 1
    return {"flags": flags, "taken": taken, "queues": queues}


def join(descriptor: int, flags: int) -> None:
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", b"qcompat0", flags))


def is_taken(descriptor: int, mask: int) -> bool:
    try:
        fcntl.ioctl(descriptor, TUNSETOFFLOAD, mask)
    except OSError:
        return False
    return True


def count_queues(flags: int, most: int) -> int:
    """How many descriptors join the one tap, the first included."""
    for count in range(1, most):
        try:
            join(os.open(NODE, os.O_RDWR), flags)
        except OSError:
            return count
    return most


if __name__ == "__main__":
    main()
