"""A container image in one file becomes a root; nothing of the image is run.

What a digest names is checked against it, and each layer, unpacked, against the `rootfs.diff_ids`
of the image's configuration (OCI image specification 1.1: image-layout.md, config.md, layer.md).
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from qcompat.builds.unpack.archived import Archived
from qcompat.builds.unpack.bounds import LARGEST, Hashed, Plain
from qcompat.builds.unpack.layers import Layer, layers_of
from qcompat.builds.unpack.tar import tar_members
from qcompat.builds.unpack.tree import LEFT_OUT, Tree, written
from qcompat.local.foreign_file import open_foreign

_HINT = "give the path of an image: docker save IMAGE -o FILE"
# Devices come from the sandbox, and a system's own state is none of QEMU's.
_LEFT_OUT = (*LEFT_OUT, "dev", "home", "proc", "run", "sys", "tmp", "usr/lib/modules")
_WHITEOUT, _OPAQUE, _OF_AUFS = ".wh.", ".wh..wh..opq", ".wh..wh."


def unpack_image(path: Path, root: Path) -> None:
    """Write the files of an image below `root`, an empty directory.

    Errors: FileFormatError for what is no image of one Linux, is damaged, is not what its digests
    say, or holds what no root may hold. Then throw the root away.
    """
    with (
        open_foreign(path, _HINT) as file,
        written(root, keeps_links=False, left_out=_LEFT_OUT) as tree,
        contextlib.closing(Archived(file, path.name, tree.staging)) as archived,
    ):
        left = LARGEST
        for number, layer in enumerate(layers_of(archived)):
            tree.layer = number
            left = _place(archived, layer, tree, left)


def _place(archived: Archived, layer: Layer, tree: Tree, left: int) -> int:
    """Put a layer over those below it; how much the next ones may unpack to."""
    packed = Hashed(archived.open(layer.path))
    budget = Plain(packed, archived.name, left)
    plain = Hashed(budget)
    for member, content in tar_members(plain, archived.name):
        above, _, name = member.name.rstrip("/").rpartition("/")
        if not name.startswith(_WHITEOUT):
            tree.place(member, content)
        elif name == _OPAQUE:
            tree.hide(above, None)
        elif not name.startswith(_OF_AUFS):
            tree.hide(above, name.removeprefix(_WHITEOUT))
    archived.check(plain, layer.diff_id)
    if layer.digest:
        archived.check(packed, layer.digest)
    return budget.left
