"""Every planted mistake is found in the real tree, with the right entry, and little else."""

from __future__ import annotations

import functools
from pathlib import Path

import msgspec
import pytest

from benchmarks.source_package import source_tree
from qcompat.source.lint import lint
from qcompat.source.obtain.directory import read_directory
from qcompat.source.read import read_file
from qcompat.source.tree.files import Files
from qcompat.source.tree.tree import Tree
from tests.source.planted import MISTAKES, Edits, Mistake

pytestmark = pytest.mark.lab


@functools.cache
def _base(suite: str) -> tuple[Path, Files]:
    top = source_tree(suite)
    return top, read_directory(top)


def _edited(mistake: Mistake, edits: Edits) -> Tree:
    top, base = _base(mistake.tree)
    files = dict(base.files)
    for path, changes in edits.items():
        text = (top / path).read_text(encoding="latin-1")
        for old, new in changes:
            assert text.count(old) >= 1, (path, old)
            text = text.replace(old, new, 1)
        files[path] = read_file(text.encode("latin-1"))
    return Tree(msgspec.structs.replace(base, files=files, version=mistake.version))


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda each: each.name)
def test_planted_mistake_is_found_with_its_entry(mistake: Mistake) -> None:
    found = lint(_edited(mistake, mistake.after), _edited(mistake, mistake.before))
    hits = [each for each in found if each.lint == mistake.lint and each.severity != "harmless"]
    assert hits, [(each.lint, each.subject, each.severity) for each in found]
    assert [(each.entries, each.table) for each in hits if each.entries] == (
        [(mistake.entries, mistake.table)] if mistake.entries else []
    )
    others = [each for each in found if each.severity == "breaks" and each not in hits]
    assert not others


@pytest.mark.parametrize("suite", ["bullseye", "bookworm", "trixie"])
def test_unchanged_tree_is_silent(suite: str) -> None:
    _, base = _base(suite)
    assert lint(Tree(base), Tree(base)) == ()
