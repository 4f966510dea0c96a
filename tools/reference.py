"""Writes the reference pages that the program itself can tell: commands, rules, messages.

mkdocs calls `on_files` as a hook. The pages are never files in `docs/`, so that they cannot
be older than the code they describe.
"""

from __future__ import annotations

from collections.abc import Iterator

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from qcompat.cli import root
from qcompat.explain.catalogue import catalogue, causes_of
from qcompat.rules.registry import RULES, page


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the generated pages (an mkdocs event)."""
    pages = (("cli", cli_page()), ("rules", rules_page()), ("messages", messages_page()))
    for path, content in pages:
        files.append(File.generated(config, f"reference/{path}.md", content=content))
    return files


def cli_page() -> str:
    """Every command's help, as the command prints it."""
    texts = (_help(context) for context in _contexts(click.Context(root, info_name="qcompat")))
    return "# Commands\n\nWhat `--help` says of each command.\n\n" + "\n".join(texts)


def _contexts(context: click.Context) -> Iterator[click.Context]:
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            assert command is not None, name
            yield from _contexts(click.Context(command, info_name=name, parent=context))


def _help(context: click.Context) -> str:
    context.max_content_width = context.terminal_width = 90
    return f"## {context.command_path}\n\n```text\n{context.get_help()}\n```\n"


def rules_page() -> str:
    """Every rule's own description, in the order of their ids."""
    texts = (f"## {name}\n\n{page(name)}\n" for name in sorted(RULES))
    return (
        "# Rules\n\n"
        "A rule turns differences between two portraits into findings. Its id, in the text and\n"
        "JSON forms of an answer, is the name of the file that holds it. `qcompat explain ID`\n"
        "prints the same page.\n\n" + "\n".join(texts)
    )


def messages_page() -> str:
    """Every family of messages: what it means, who prints it, and its causes."""
    texts = (f"## {name}\n\n{_family(name)}" for name in sorted(catalogue().families))
    return (
        "# Messages\n\n"
        "What `qcompat explain` knows of the messages of QEMU and its managers. A name in braces\n"
        "is a value of the message.\n\n" + "\n".join(texts)
    )


def _family(name: str) -> str:
    family = catalogue().families[name]
    printed = (f"{one.by}:\n\n```text\n{one.texts.strip()}\n```\n" for one in family.printed)
    causes = (
        f"{number}. {cause.why[:1].upper()}{cause.why[1:]}. *Do:* {cause.do}.\n"
        for number, cause in enumerate(causes_of(name), 1)
    )
    title = f"{family.title[:1].upper()}{family.title[1:]}"
    return f"{title}.\n\n" + "\n".join(printed) + "\n" + "".join(causes)
