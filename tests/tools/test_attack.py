"""The judges of attacks see what they are to see."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from qcompat.cli import root
from tools.attack import witness
from tools.attack.hostile.kinds import HONEST, LINES, kinds
from tools.attack.hostile.spoilt import changed_inside, stripped
from tools.attack.kills.commands import LINES as KILLED
from tools.attack.rehearse import Record, told, wrongs
from tools.attack.room import Room
from tools.attack.special.files import KINDS, OUTSIDE
from tools.attack.special.lines import READ, WRITTEN

_LEAVES = """
import os, subprocess, sys, time
code = "import os, time; os.setsid(); print('up', flush=True); time.sleep(60)"
left = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
left.stdout.readline()
open(os.path.join(os.environ["TMPDIR"], "file"), "w").close()
print("Traceback of something\\nand more", file=sys.stderr, flush=True)
time.sleep(float(sys.argv[1]))
"""


@pytest.fixture
def room(tmp_path: Path) -> Room:
    room = Room(tmp_path / "room")
    room.fresh()
    return room


def struck(room: Room, seconds: str, *signals: str) -> str:
    """In a process of its own, which adopts what is left."""
    program = (
        "from pathlib import Path; import sys; from tools.attack import witness;"
        "from tools.attack.room import Room; from tools.attack.kills.strike import *;"
        "witness.SECONDS_TO_GO = 0.3; witness.adopt();"
        f"how = Strike({signals!r}, 'command', 2.0);"
        f"words = [sys.executable, '-c', {_LEAVES!r}, '{seconds}'];"
        "print(strike(words, Room(Path(sys.argv[1])), how, 0))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(room.place)],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize("number", ["KILL", "TERM"])
def test_what_a_killed_command_leaves_is_seen(number: str, room: Room) -> None:
    told = struck(room, "60", number)
    assert "left a process: " in told
    assert "left tmp/file" in told
    assert "said 'Traceback'" in told


def test_damaged_files_are_seen(room: Room) -> None:
    assert witness.damaged_files(room) == []
    (room.home / "entry.json").write_text("{")
    (room.cache / "facts.zst").write_bytes(b"no frame")
    (room.cache / "portrait.qcp").write_bytes(bytes(100))
    with sqlite3.connect(room.home / "store.db") as database:
        database.execute("create table t (a)")
    assert len(witness.damaged_files(room)) == 3
    (room.home / "store.db").write_bytes(b"SQLite format 3\0" + bytes(5000))
    assert len(witness.damaged_files(room)) == 4


def test_drafts_are_left_files(room: Room) -> None:
    (room.cache / ".draft-x").touch()
    (room.home / ".store.db.new-wal").touch()
    assert witness.left_files(room) == ["home/.store.db.new-wal", "cache/.draft-x"]


def test_memory_of_a_process_is_its_most() -> None:
    assert witness.memory_of(os.getpid()) > 10 << 20


def test_there_are_three_hundred_kinds_of_hostility_with_different_names() -> None:
    every = list(kinds())
    assert len({each.name for each in every}) == len(every) >= 300
    assert {each.command for each in every} == set(LINES)
    assert HONEST not in [each.defect for each in every]


def test_what_is_killed_covers_what_starts_a_qemu_or_writes() -> None:
    asked = {"check", "prove", "repair", "matrix", "carry", "builds add", "guest moved"}
    assert asked < set(KILLED)


def test_a_changed_answer_differs_in_one_place() -> None:
    right = {"a": [1, {"b": 2}], "c": "x"}
    assert changed_inside(right, {"value": None, "seed": 1}) != right
    assert stripped([right], 1) == [{"c": "x"}]


def test_a_special_file_stands_wherever_a_command_takes_a_file() -> None:
    missing = []
    for name, command in every_command():
        lines = [*READ.get(name, ()), *WRITTEN.get(name, ())]
        for one in command.params:
            if "FILE" in str(one.metavar) or isinstance(one.type, click.Path):
                option = one.opts[-1] if isinstance(one, click.Option) else ""
                if not any(re.search(rf"{option}\b.*{{file}}", line) for line in lines):
                    missing.append(f"{name} {option or one.name}")
    assert not missing


def every_command() -> Iterator[tuple[str, click.Command]]:
    waiting: list[tuple[str, click.Command]] = [("", root)]
    while waiting:
        name, command = waiting.pop()
        if not isinstance(command, click.Group):
            yield name, command
            continue
        context = click.Context(command)
        for part in command.list_commands(context):
            if found := command.get_command(context, part):
                waiting.append((f"{name} {part}".strip(), found))


@pytest.mark.parametrize("kind", KINDS)
def test_a_special_file_is_made(kind: str, tmp_path: Path) -> None:
    path = KINDS[kind](tmp_path / "file")
    assert (tmp_path in path.parents) or kind in OUTSIDE
    subprocess.run(["pkill", "-f", str(tmp_path)], check=False)


def test_what_is_watched_is_judged_by_what_it_says_and_leaves(room: Room) -> None:
    program = (  # in a process of its own, since it ends all that is left below it
        "from pathlib import Path; import sys; from tools.attack.room import Room;"
        "from tools.attack.watch import watched;"
        "print(watched(['portrait', 'show', '/dev/zero'], Room(Path(sys.argv[1])), 60))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(room.place)],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert "Outcome(code=2" in done.stdout
    assert "wrong=()" in done.stdout
    assert "error:" in done.stdout


@pytest.mark.parametrize(
    ("status", "sets", "count"),
    [("running", [], 0), ("paused", [], 1), ("running", [{"fdset-id": 0}], 1)],
)
def test_a_guest_that_a_killed_rehearsal_left_its_mark_on_is_seen(
    status: str, sets: list[object], count: int
) -> None:
    wrong = wrongs({"status": status}, sets)
    assert len(wrong) == count
    assert told([Record(0.1, wrong, is_hit=True)]).endswith("noticed none") == (count == 0)
