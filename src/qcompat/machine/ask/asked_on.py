"""What the values of CPU models depend on where they are asked."""

from __future__ import annotations

from pathlib import Path

from qcompat.builds.build import BuildIdentity


def asked_on(identity: BuildIdentity, accel: str) -> str:
    """What a CPU model's values depend on here: the host's processor, or the build under TCG."""
    return f"kvm on {_host()}" if accel == "kvm" else f"tcg of {identity.sha256}"


def _host() -> str:
    """The host's processor by its own name, empty where the kernel does not report it."""
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        return ""
    rows = (line.partition(":") for line in text.splitlines())
    return next((value.strip() for key, _, value in rows if key.strip() == "model name"), "")
