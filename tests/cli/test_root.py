"""The root of the commands: help, version, wrong usage, and what a start costs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from qcompat import __version__
from qcompat.cli import COMMANDS, LINES, root, run

HEAVY = ("asyncio", "qemu.qmp", "subprocess", "rich.console")


def groups(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    """The path of the group and of every group below it."""
    yield path
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from groups(command, *path, name)


def test_lines_of_the_help_are_those_of_the_commands() -> None:
    context = click.Context(root)
    commands = {name: root.get_command(context, name) for name in COMMANDS}
    told = {name: each.get_short_help_str(200) for name, each in commands.items() if each}
    assert told == LINES


def test_help_imports_no_command() -> None:
    code = (
        "import sys; from qcompat.cli import run; run(['--help']);"
        "print([m for m in sys.modules if m.startswith(('qcompat.app', 'qcompat.rules'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert all(name in done.stdout for name in COMMANDS)


def test_version_is_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"qcompat {__version__}\n"


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    help_text = capsys.readouterr().out
    assert all(f"  {name} " in help_text for name in COMMANDS)


@pytest.mark.parametrize("group", [*groups(root)], ids=" ".join)
def test_every_command_fits_its_line_of_the_help(
    group: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run([*group, "--help"]) == 0
    listed = capsys.readouterr().out.partition("Commands:\n")[2].splitlines()
    assert listed
    assert not [line for line in listed if line.endswith("...") or not line.startswith("  ")]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    assert f"Usage: qcompat {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["chekc"], "qcompat --help"),
        (["check"], "qcompat check --help"),
        (["check", "a", "b", "--accel", "xen"], "qcompat check --help"),
        (["check", "a", "b", "-machine", "q35"], "after --"),
    ],
)
def test_wrong_usage_is_2_and_says_where_to_look(
    arguments: list[str], hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("error: ")
    assert lines[-1].startswith("hint: ")
    assert hint in lines[-1]


@pytest.mark.parametrize("command", ["check", "portrait"])
def test_a_command_loads_nothing_that_only_running_qemu_needs(command: str) -> None:
    code = f"import sys, qcompat.cli.{command}; print(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not set(HEAVY) & set(modules)


def test_closed_pipe_is_quiet_and_no_verdict() -> None:
    code = "from qcompat.cli import main; main(['check', '--help'])"
    reader = "import sys; sys.stdin.close()"
    with subprocess.Popen([sys.executable, "-c", reader], stdin=subprocess.PIPE) as closing:
        closing.wait()
        done = subprocess.run(
            [sys.executable, "-c", code], stdout=closing.stdin, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 141
    assert done.stderr == b""
