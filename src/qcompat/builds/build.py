"""What a build is: one QEMU binary as packaged, and where its parts lie.

`registry` keeps builds, `fetch` gets them, `find` finds what belongs to a binary of the user's,
`learn` asks them for their facts, `run` starts them.
A build is never named by a bare version, since distributions backport.
"""

from __future__ import annotations

import os
from typing import Literal

import msgspec

from qcompat.arch.architecture import emulated_by


class BuildIdentity(msgspec.Struct, frozen=True):
    """The identity of a build: what it reports, and the digest of its binary.

    `version` is `7.2.22`, `package` the string in brackets of `--version`
    (`Debian 1:7.2+dfsg-7+deb12u18`, empty for a plain build), `sha256` the binary's digest.
    """

    version: str
    package: str
    sha256: str


class Build(msgspec.Struct, frozen=True):
    """One QEMU of this machine.

    A `native` build's paths are paths of this machine; a `root` build was unpacked under
    `root` (by `fetch` or by the user) and its paths are as seen inside that root.
    `firmware_dirs` are given to QEMU with `-L`, since distributions split firmware over packages;
    `module_dir` becomes `QEMU_MODULE_DIR` (empty: QEMU's own place). `given` are the options of
    `builds add` from which it was made, where its paths do not tell.
    """

    name: str
    identity: BuildIdentity
    kind: Literal["native", "root"]
    binary: str
    root: str = ""
    firmware_dirs: tuple[str, ...] = ()
    module_dir: str = ""
    given: tuple[str, ...] = ()

    @property
    def architecture(self) -> str:
        """The architecture of its guests, by the name of its binary."""
        return emulated_by(self.binary, os.uname().machine)
