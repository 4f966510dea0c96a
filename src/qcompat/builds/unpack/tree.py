"""The files of a root, put together in memory and written once, at the end.

Contents go into files with numbers for names as they are read; what is a directory, and what a link
leads to, is known here alone until all is known. So a name, or a link that an earlier member made,
reaches nothing on this machine: there is no link on the disk while members are placed, and a link's
way is followed inside the tree.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from qcompat.builds.unpack.bounds import Readable, copied
from qcompat.builds.unpack.member import Member
from qcompat.builds.unpack.names import checked_target, parts_of, shown
from qcompat.errors import FileFormatError

MOST_MEMBERS = 500_000
_DEEPEST = 100
_MOST_LINKS = 40

# What QEMU never opens.
LEFT_OUT = ("usr/share/doc", "usr/share/man", "usr/share/locale", "var", "boot")


class Node:
    """A directory (`children`), a link (`target`) or a file (`content`: its number).

    `layer` counts the layers of an image: what a later one takes away is of an earlier one.
    """

    __slots__ = ("children", "content", "executable", "layer", "target")

    def __init__(self, layer: int) -> None:
        self.layer = layer
        self.children: dict[str, Node] | None = None
        self.target: str | None = None
        self.content: int | None = None
        self.executable = False


class Tree:
    """The tree of one root. Contents are kept below `staging`, an empty directory.

    With `keeps_links` a directory does not replace a link to one, as dpkg has it; without, it does,
    as in a layer of an image. `left_out` are paths of which nothing is kept.
    """

    def __init__(
        self, staging: Path, *, keeps_links: bool, left_out: Sequence[str] = LEFT_OUT
    ) -> None:
        self.staging, self._keeps_links = staging, keeps_links
        self._left_out = tuple(PurePosixPath(each).parts for each in left_out)
        self._members, self._nodes, self._contents = 0, 0, 0
        self.layer = 0
        self.top = self._directory()

    def place(self, member: Member, content: Readable) -> None:
        """Place a member; of `content` its size is read, or nothing where it is left out.

        Errors: FileFormatError for a member that no root may have.
        """
        self._members += 1
        *way, name = parts_of(member.name) or [""]
        if not name or self._is_left_out((*way, name)):
            return
        holder, above = self._walk(way, member.name)
        if self._is_left_out((*above, name)):
            return
        if member.kind == "special":
            raise FileFormatError(f"{shown(member.name)} is a device, a pipe or a socket")
        node = self._made(member, content, holder.get(name))
        if node is not None:
            holder[name] = node

    def hide(self, directory: str, name: str | None) -> None:
        """Take `name`, or all, away from a directory, as far as an earlier layer put it there."""
        parts = parts_of(directory)
        holder, _ = self._walk(parts, directory)
        for each in [name] if name is not None else list(holder):
            if each in holder and self._fades(holder[each]):
                del holder[each]

    def write(self, root: Path) -> None:
        """Write everything below `root`, an empty directory."""
        waiting = [(root, self.top)]
        while waiting:
            place, node = waiting.pop()
            for name, child in (node.children or {}).items():
                path = place / name
                if child.children is not None:
                    path.mkdir(mode=0o755)
                    waiting.append((path, child))
                elif child.target is not None:
                    path.symlink_to(child.target)
                else:
                    os.link(self.staging / str(child.content), path)
                    path.chmod(0o755 if child.executable else 0o644)

    def _made(self, member: Member, content: Readable, before: Node | None) -> Node | None:
        if member.kind == "directory":
            return self._as_directory(before)
        if member.kind == "hard link":
            return self._shared(member)
        if self._keeps_links and before is not None and before.children:
            return before  # a directory that is filled already stays, as dpkg has it
        node = self._new()
        if member.kind == "link":
            node.target = checked_target(member)
            return node
        node.content, node.executable = self._keep(member, content), member.executable
        return node

    def _as_directory(self, before: Node | None) -> Node:
        is_kept = before is not None and (
            before.children is not None or (self._keeps_links and before.target is not None)
        )
        if before is None or not is_kept:
            return self._directory()
        before.layer = self.layer
        return before

    def _shared(self, member: Member) -> Node | None:
        *way, name = parts_of(member.target) or [""]
        holder, above = self._walk(way, member.target)
        if self._is_left_out((*above, name)):
            return None
        found = holder.get(name)
        if found is None or found.children is not None:
            raise FileFormatError(
                f"{shown(member.name)} shares {shown(member.target)}, which is no file"
            )
        node = self._new()
        node.content, node.target, node.executable = found.content, found.target, found.executable
        return node

    def _keep(self, member: Member, content: Readable) -> int:
        self._contents += 1
        path = self.staging / str(self._contents)
        with path.open("xb") as file:
            copied(content, member.size, shown(member.name), file)
        return self._contents

    def _walk(self, way: Sequence[str], told: str) -> tuple[dict[str, Node], tuple[str, ...]]:
        """The directory that a way leads to, made where it is missing, and its own way."""
        rest, links = deque(way), 0
        stack: list[tuple[str, Node]] = [("", self.top)]
        while rest:
            part = rest.popleft()
            if part == "..":
                stack = stack[: max(1, len(stack) - 1)]
                continue
            holder = stack[-1][1].children
            assert holder is not None
            node = holder.get(part)
            if node is None:
                node = holder[part] = self._directory()
            if node.target is not None:
                links += 1
                if links > _MOST_LINKS:
                    raise FileFormatError(f"the links on the way to {shown(told)} have no end")
                stack = stack[:1] if node.target.startswith("/") else stack
                rest.extendleft(reversed([p for p in node.target.split("/") if p not in ("", ".")]))
            elif node.children is None:
                raise FileFormatError(f"{shown(told)} lies below a file")
            else:
                stack.append((part, node))
            if len(stack) > _DEEPEST:
                raise FileFormatError(f"{shown(told)} lies deeper than {_DEEPEST} directories")
        children = stack[-1][1].children
        assert children is not None
        return children, tuple(name for name, _ in stack[1:])

    def _fades(self, node: Node) -> bool:
        """Take away what is of earlier layers; whether nothing is left."""
        children = node.children or {}
        for name in [name for name, child in children.items() if self._fades(child)]:
            del children[name]
        return node.layer < self.layer and not children

    def _is_left_out(self, way: tuple[str, ...]) -> bool:
        return any(way[: len(each)] == each for each in self._left_out)

    def _directory(self) -> Node:
        node = self._new()
        node.children = {}
        return node

    def _new(self) -> Node:
        self._nodes += 1
        if max(self._nodes, self._members) > MOST_MEMBERS:
            raise FileFormatError(f"it holds more than {MOST_MEMBERS} files")
        return Node(self.layer)


@contextlib.contextmanager
def written(root: Path, *, keeps_links: bool, left_out: Sequence[str] = LEFT_OUT) -> Iterator[Tree]:
    """A tree to place members in; it is written below `root` when the context ends without error.

    Errors: as `Tree.place`.
    """
    staging = root / ".members"
    staging.mkdir()
    tree = Tree(staging, keeps_links=keeps_links, left_out=left_out)
    yield tree
    tree.write(root)
    shutil.rmtree(staging)
