"""Whenever a signal comes, the command ends soon and quietly, with the signal's exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

_COMMAND = """
import asyncio, sys, time
import click, qcompat.cli as cli
from qcompat.cli.process.event_loop import run_waiting

class Dying:
    def __del__(self):
        up()
        time.sleep(20)

def up():
    print("up", flush=True)

async def waits():
    up()
    await asyncio.sleep(20)

async def cleans_up():
    from qcompat.local.uninterrupted import uninterrupted
    try:
        await waits()
    finally:
        await uninterrupted(clean())

async def clean():
    await asyncio.sleep(0.5)
    print("clean", flush=True)

def computes():
    up()
    time.sleep(20)

def becomes_another_error():
    try:
        computes()
    except KeyboardInterrupt as error:
        raise RuntimeError("of a module that was being loaded") from error

async def leaves_a_task_that_fails():
    async def fails():
        try:
            await asyncio.sleep(20)
        finally:
            raise EOFError("of a session that ended")

    task = asyncio.create_task(fails())
    await asyncio.sleep(0)
    await waits()

def lost_before_it_waits():
    try:
        computes()
    except KeyboardInterrupt:
        run_waiting(asyncio.sleep(20))

def loses_all():
    try:
        computes()
    except KeyboardInterrupt:
        time.sleep(20)

def loses_it():
    dying = Dying()
    del dying
    time.sleep(20)

@click.command()
def command():
    work = globals()[sys.argv[1]]
    run_waiting(work()) if asyncio.iscoroutinefunction(work) else work()

cli.COMMANDS["builds"] = "__main__:command"
cli.main(["builds"])
"""
_KINDS = (
    "waits",
    "computes",
    "becomes_another_error",
    "loses_it",
    "lost_before_it_waits",
    "leaves_a_task_that_fails",
)
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def started(kind: str, *before: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [*before, sys.executable, "-c", _COMMAND, kind],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    time.sleep(0.1)  # it is about to sleep: a signal just before that call would not end it
    return process


def end_of(process: subprocess.Popen[bytes], numbers: list[signal.Signals]) -> tuple[int, bytes]:
    """Exit code and everything that was said after the first line."""
    for number in numbers:
        process.send_signal(number)
        time.sleep(0.05)
    said, error = process.communicate(timeout=10)
    return process.returncode, said + error


@pytest.mark.parametrize("number", _SIGNALS)
@pytest.mark.parametrize("kind", _KINDS)
def test_a_signal_ends_it_quietly(kind: str, number: signal.Signals) -> None:
    assert end_of(started(kind), [number]) == (128 + number, b"")


@pytest.mark.parametrize("kind", _KINDS)
def test_one_that_ignores_interrupts_as_shells_start_it_still_ends(kind: str) -> None:
    ignoring = ("/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh")
    process = started(kind, *ignoring)
    assert end_of(process, [signal.SIGINT, signal.SIGTERM]) == (143, b"")


def test_one_that_was_lost_can_be_sent_again() -> None:
    process = started("loses_all")
    process.send_signal(signal.SIGTERM)
    time.sleep(2.5)
    assert end_of(process, [signal.SIGTERM]) == (143, b"")


def test_who_is_impatient_does_not_stop_it_from_cleaning_up() -> None:
    numbers = [signal.SIGINT, signal.SIGINT, signal.SIGTERM]
    assert end_of(started("cleans_up"), numbers) == (130, b"clean\n")


def test_an_interrupt_before_the_commands_are_loaded_is_quiet(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("import time; print('up', flush=True); time.sleep(20)")
    process = subprocess.Popen(
        [sys.executable, "-m", "qcompat"], env=os.environ | {"PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    assert end_of(process, [signal.SIGINT]) == (-signal.SIGINT, b"")


def test_a_build_that_is_asked_a_short_question_is_not_waited_for() -> None:
    """The question waits without the event loop."""
    script = _COMMAND.replace(
        "async def waits():\n    up()\n    await asyncio.sleep(20)",
        "async def waits():\n"
        "    from qcompat.builds.learn import ask\n"
        "    from qcompat.builds.build import Build, BuildIdentity\n"
        "    ask.command = lambda build, kvm: ['/bin/sh', '-c', 'sleep 20']\n"
        "    await asyncio.sleep(0)\n"
        "    up()\n"
        "    ask.ask(Build('x', BuildIdentity('', '', ''), 'native', '/x'), [])",
    )
    assert "ask.ask" in script
    process = subprocess.Popen(
        [sys.executable, "-c", script, "waits"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    assert end_of(process, [signal.SIGTERM]) == (143, b"")
