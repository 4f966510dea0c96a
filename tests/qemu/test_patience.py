from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import pytest

from qcompat.errors import BuildError, CommandError, UsageError
from qcompat.qemu.launch import launch
from qcompat.qemu.patience import SECONDS, VARIABLE, Patience, allowed

_SLOW = """
import json, re, socket, sys, threading, time
words = " ".join(sys.argv)
qmp = socket.socket(fileno=int(re.search(r"qcompat-qmp,fd=(\\d+)", words)[1]))
qtest = socket.socket(fileno=int(re.search(r"id=qtest,fd=(\\d+)", words)[1]))

def obey():
    for line in qtest.makefile("rb"):
        time.sleep(0.5)
        qtest.sendall(b"OK 0x0\\n")

threading.Thread(target=obey, daemon=True).start()
version = {"qemu": {"major": 9, "minor": 0, "micro": 0}, "package": ""}
qmp.sendall(json.dumps({"QMP": {"version": version, "capabilities": []}}).encode() + b"\\n")
while question := qmp.recv(4096):
    asked = json.loads(question)
    time.sleep(0.5 if asked["execute"] == "query-name" else 0)
    answer = {"return": {}} | ({"id": asked["id"]} if "id" in asked else {})
    qmp.sendall(json.dumps(answer).encode() + b"\\n")
"""


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A program that takes half a second for an answer, and may take 2 s for all of them."""
    monkeypatch.setenv(VARIABLE, "2")
    program = tmp_path / "slow.py"
    program.write_text(_SLOW)
    return [sys.executable, str(program)]


async def test_many_slow_answers_are_too_slow_together(slow: list[str]) -> None:
    begun = time.monotonic()
    with pytest.raises(BuildError, match="answers took more than 2 s together") as caught:
        async with launch(slow, []) as qemu:
            for _ in range(100):
                await qemu.execute("query-name")
    assert f"set {VARIABLE} to more than 2" in caught.value.hint
    assert time.monotonic() - begun < 20


async def test_questions_of_qtest_count_too(slow: list[str]) -> None:
    with pytest.raises(BuildError, match="too slow"):
        async with launch(slow, []) as qemu:
            await qemu.qtest.batch(["inb 0x70"] * 100)


async def test_prompt_answers_spend_nothing(
    slow: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "30")
    async with launch(slow, []) as qemu:
        for _ in range(300):
            await qemu.execute("query-status-of-nothing")


async def test_several_may_share_their_patience(slow: list[str]) -> None:
    patience = Patience()
    with pytest.raises(BuildError, match="too slow"):
        for _ in range(10):
            async with launch(slow, [], patience=patience) as qemu:
                await qemu.execute("query-name")


async def test_one_that_dies_again_and_again_uses_it_up() -> None:
    patience = Patience(0.1)
    with pytest.raises(BuildError, match="QEMU ended 9 times in the middle of a question"):
        for _ in range(100):
            with patience.waiting(1):
                patience.died(0)


async def test_an_answer_that_fails_otherwise_counts_for_nothing() -> None:
    patience = Patience()
    for _ in range(3):
        with pytest.raises(CommandError), patience.waiting(SECONDS):
            raise CommandError("no such command")


async def test_an_answer_has_no_more_time_than_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "1")
    with pytest.raises(BuildError, match="too slow"), Patience().waiting(30) as most:
        async with asyncio.timeout(most):
            await asyncio.sleep(20)


@pytest.mark.parametrize("given", ["0", "-3", "nan", "inf", "soon", "1e999"])
def test_another_patience_is_a_number_of_seconds(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, given)
    with pytest.raises(UsageError, match=VARIABLE):
        allowed()
