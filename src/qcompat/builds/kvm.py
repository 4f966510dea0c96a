"""Whether this machine lets this user run guests with KVM."""

from __future__ import annotations

import os
from functools import cache


@cache
def has_kvm() -> bool:
    """True if `/dev/kvm` can really be opened for writing; asked once a process."""
    try:
        os.close(os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC))
    except OSError:
        return False
    return True
