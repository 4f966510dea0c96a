"""The parts of a build's sandbox, and whether this machine can make one.

Bubblewrap (bwrap) does the work: as root with its privileges, otherwise in a user namespace.
Which parts one build gets is decided in `command`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

HINT = "install bubblewrap, and allow it user namespaces (kernel.unprivileged_userns_clone=1)"

# A process namespace ends with its first process, so nothing survives bwrap; `tether` makes bwrap
# itself die with this process. As root it keeps all capabilities unless told otherwise.
BASE = (
    "bwrap",
    "--unshare-net",
    "--unshare-pid",
    "--unshare-ipc",
    "--unshare-uts",
    "--die-with-parent",
    "--clearenv",
    "--cap-drop",
    "ALL",
    "--tmpfs",
    "/",
)

# A system's own programs and libraries, and what of its /etc the dynamic linker and the clock read:
# traced, QEMU reads nothing else there. A list of what to show, not of what to hide, since a user's
# disk may be anywhere.
TOPS = ("usr", "bin", "sbin", "lib", "lib32", "lib64", "nix/store", "gnu/store")
ETC = tuple(
    f"etc/{name}"
    for name in (
        *("ld.so.cache", "ld.so.conf", "ld.so.conf.d", f"ld-musl-{os.uname().machine}.path"),
        *("alternatives", "localtime"),
    )
)
SYSTEM = tuple(
    word for place in (*TOPS, *ETC) for word in ("--ro-bind-try", f"/{place}", f"/{place}")
)

PRIVATE = ("--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--chdir", "/")  # noqa: S108

# What QEMU reads of the host to make a guest, found by tracing the opens of 10.0.13 with each type
# of device, and of 5.2.0 and 10.0.13 with each object and back end. Without the first, virtio-mem
# of 8.0 and later takes the host for one without huge pages, and has another block size
# (virtio_mem_thp_size, hw/virtio/virtio-mem.c); the others place memory (util/thread-context.c,
# libnuma) and bound the memory slots of vhost (hw/virtio/vhost-backend.c).
HOST_FILES = (
    "/sys/kernel/mm/transparent_hugepage",
    "/sys/devices/system/cpu/online",
    "/sys/devices/system/node",
    "/sys/module/vhost/parameters/max_mem_regions",
)
HOST = tuple(word for path in HOST_FILES for word in ("--ro-bind-try", path, path))

# A tap is made by opening this device with CAP_NET_ADMIN over the current network namespace.
_TAPS = ("--dev-bind", "/dev/net/tun", "/dev/net/tun", "--cap-add", "CAP_NET_ADMIN")
# An ordinary user has it only as root of the user namespace that owns the network namespace;
# bubblewrap would put another user namespace in between to keep the user's own number.
_AS_ROOT = ("--unshare-user", "--uid", "0", "--gid", "0")

# linux/if_tun.h: TUNSETIFF, with IFF_TAP | IFF_NO_PI | IFF_VNET_HDR as QEMU asks for.
_MAKE_A_TAP = """
import fcntl, os, struct
request = struct.pack("16sH22x", b"qcompat0", 0x0002 | 0x1000 | 0x4000)
fcntl.ioctl(os.open("/dev/net/tun", os.O_RDWR), 0x400454CA, request)
"""


@cache
def why_not() -> str:
    """Why no sandbox can be made here; empty if one can. Tried once a process."""
    if shutil.which("bwrap") is None:
        return "it is not installed"
    return _failure((*BASE, *SYSTEM, *PRIVATE, "--", "/bin/true"))


@cache
def can_make_taps() -> bool:
    """True if a sandbox with its own network can make a tap in it; tried once a process."""
    if why_not():
        return False
    interpreter = (sys.executable, "-I", "-S", "-c", _MAKE_A_TAP)
    everything = ("--ro-bind", "/", "/", *PRIVATE[:4])
    return not _failure((*BASE, *everything, *taps(), "--", *interpreter))


def taps() -> tuple[str, ...]:
    """What lets QEMU make taps, in its own network and nowhere else."""
    return _TAPS if os.geteuid() == 0 else (*_TAPS, *_AS_ROOT)


def library_path() -> str:
    """The user's `LD_LIBRARY_PATH`: the only variable that a native build inherits.

    Its paths are absolute here: inside, the current directory is another one. Empty words, which
    stand for the current directory, are left out.
    """
    words = os.environ.get("LD_LIBRARY_PATH", "").split(":")
    return ":".join(str(Path(word).absolute()) for word in words if word)


def _failure(words: tuple[str, ...]) -> str:
    try:
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"it failed: {error}"
    told = done.stderr.decode(errors="replace").strip()
    return f"it failed: {told or done.returncode}" if done.returncode else ""
