"""Names that a shell completes: those of builds, and beside them files, which ends may be too.

Click writes the script of a shell: `eval "$(_QCOMPAT_COMPLETE=bash_source qcompat)"`.
"""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from qcompat.builds.registry import Registry
from qcompat.errors import QcompatError
from qcompat.local.home import data_home


def complete_build(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The builds of this machine, and those that come along, that begin so; then files."""
    from qcompat.portrait.bundled import bundled_builds

    given = [each for value in ctx.params.values() for each in _names(value)]
    try:
        known = dict.fromkeys((*Registry(data_home()).names(), *bundled_builds()))
    except QcompatError:  # a shell that completes a word has no place for an error
        return []
    names = [name for name in known if name.startswith(incomplete) and name not in given]
    files = [CompletionItem(incomplete, type="file")] if parameter.name in _ENDS else []
    return [*map(CompletionItem, names), *files]


_ENDS = ("source", "target", "build", "builds")


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return (
        tuple(each for each in value if isinstance(each, str)) if isinstance(value, tuple) else ()
    )
