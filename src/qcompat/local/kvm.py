"""Whether this machine lets this user run guests with KVM."""

from __future__ import annotations

import fcntl
import os
from functools import cache
from pathlib import Path

_GET_API_VERSION = 0xAE00
"""KVM_GET_API_VERSION of linux/kvm.h: _IO(KVMIO, 0), KVMIO being 0xAE."""
_STABLE_API = 12
"""The answer of every Linux since 2.6.22; QEMU refuses others (accel/kvm/kvm-all.c, 10.0)."""


@cache
def has_kvm(device: Path = Path("/dev/kvm")) -> bool:
    """True if the device can really be opened and answers as KVM; asked once a process."""
    try:
        opened = os.open(device, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return fcntl.ioctl(opened, _GET_API_VERSION) == _STABLE_API
    except OSError:
        return False
    finally:
        os.close(opened)
