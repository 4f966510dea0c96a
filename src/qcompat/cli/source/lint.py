"""`qcompat source lint`: what is wrong with a source tree or a change to it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qcompat.cli.options.shown import Shown, shown_as
from qcompat.errors import UsageError

if TYPE_CHECKING:
    from qcompat.source.tree.files import Files
    from qcompat.source.tree.tree import Tree


@click.command()
@click.argument("tree", type=click.Path(path_type=Path))
@click.option("--against", metavar="TREE|REV", help="The older tree, or a revision of TREE.")
@click.option("--revision", metavar="REV", help="Lint this revision of TREE, not its files.")
@click.option("--patch", metavar="FILE", type=click.Path(path_type=Path),
              help="Lint what a patch, mail series or quilt series changes in TREE.")  # fmt: skip
@click.option("--shipped", metavar="X.Y", help="The newest release that shipped.")
@click.option("--build", metavar="NAME", help="Show where TREE and this build of it disagree.")
@shown_as("source lint", verbose="Also show what is harmless or unknown.")
@click.pass_context
def lint(
    ctx: click.Context,
    tree: Path,
    against: str | None,
    revision: str | None,
    patch: Path | None,
    shipped: str | None,
    build: str | None,
    shown: Shown,
) -> None:
    """Find compat mistakes in TREE, or in a change to it.

    Changed defaults without a compat entry, entries in the wrong table or for some types only,
    migration state and PCI configuration that changed. Each with its line, the machine types
    that it reaches, and the entry to paste. A comment `compat: intended: REASON` at the place
    makes a finding harmless and keeps the reason.

    \b
    Exit codes:
      0  nothing that breaks a migration
      1  something does
    """
    if build:
        _confirm(ctx, tree, build, shown)
    from qcompat.report.source.answers import SourceLint
    from qcompat.source.lint import lint as linted
    from qcompat.source.tree.tree import Tree

    before, after = _sides(tree, against, revision, patch)
    ours = Tree(before) if before else None
    theirs = Tree(after)
    found = linted(theirs, ours, _shipped(tree, shipped, against, patch, ours))
    against_tree = ours.files.origin if ours else ""
    shown.show(SourceLint(theirs.files.origin, against_tree, found, theirs.unfollowed))
    ctx.exit(1 if any(each.severity == "breaks" for each in found) else 0)


def _sides(
    tree: Path, against: str | None, revision: str | None, patch: Path | None
) -> tuple[Files | None, Files]:
    """The older tree, if there is one, and the one to lint."""
    from qcompat.source.obtain.directory import read_directory
    from qcompat.source.obtain.git import read_revision
    from qcompat.source.obtain.patched import read_patched

    if patch and (against or revision):
        raise UsageError(
            "--patch is compared with TREE itself", "leave --against and --revision out"
        )
    if patch:
        base = read_directory(tree)
        return base, read_patched(base, tree, patch)
    after = read_revision(tree, revision) if revision else read_directory(tree)
    if not against:
        return None, after
    if Path(against).is_dir():
        return read_directory(Path(against)), after
    return read_revision(tree, against), after


def _shipped(
    top: Path, given: str | None, against: str | None, patch: Path | None, before: Tree | None
) -> tuple[int, int] | None:
    """The newest release that shipped: as given, by tags, or by the older tree's VERSION."""
    from qcompat.source.obtain.git import is_git, shipped_by_tags
    from qcompat.source.tree.files import shipped_of

    if given:
        match = re.fullmatch(r"v?(\d+)\.(\d+)(?:\.\d+)?", given)
        if not match:
            raise UsageError(f"--shipped {given} is not a release", "as in: --shipped 10.0")
        return int(match[1]), int(match[2])
    found = [shipped_of(before.files.version)] if before else []
    if is_git(top) and (patch or (against and not Path(against).is_dir())):
        found.append(shipped_by_tags(top, against or "HEAD"))
    known = [each for each in found if each]
    return max(known) if known else None


def _confirm(ctx: click.Context, tree: Path, build: str, shown: Shown) -> None:
    """Answer `--build` and leave."""
    from qcompat.cli.machine.given import facts_of
    from qcompat.source.confirm import confirm
    from qcompat.source.obtain.directory import read_directory
    from qcompat.source.tree.tree import Tree

    found = confirm(Tree(read_directory(tree)), facts_of(build, "auto"))
    shown.of("source lint --build").show(found)
    ctx.exit(1 if found.differences else 0)
