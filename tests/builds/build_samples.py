"""Builds to test with: programs of this machine stand in for a QEMU that misbehaves."""

from __future__ import annotations

from qcompat.builds.build import Build, BuildIdentity

IDENTITY = BuildIdentity("7.2.22", "Debian 1:7.2+dfsg-7+deb12u18", "ab" * 32)


def native(binary: str, name: str = "mine") -> Build:
    return Build(name, IDENTITY, "native", binary)


def rooted(root: str, name: str = "fetched") -> Build:
    return Build(name, IDENTITY, "root", "/usr/bin/qemu-system-x86_64", root, ("/usr/share/qemu",))
