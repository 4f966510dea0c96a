"""A hostile QEMU: it answers as a real one was recorded (`record`), but for one defect.

Runs inside a build's sandbox, or as a monitor's server (`--serve PATH`), from a copy of its modules
beside the build's binary (`launcher.c`), with the recording and `defect.json`, such as

    {"at": "qmp", "command": "query-machines", "nth": 1, "how": "value", "value": …}
"""

from __future__ import annotations

import json
import os
import re
import socket
import threading
from itertools import pairwise
from pathlib import Path

from tools.attack.hostile.misdeeds import misbehave, spoilt_output, write_all
from tools.attack.hostile.session import Session

HERE = Path(__file__).parents[3]
RECORDING = HERE / "recording"
_NUMBERS = re.compile(r"(?<=fd=)\d+|(?<=/proc/self/fd/)\d+")
_SESSION = ("qcompat-qmp", "id=qtest", "chardev:qtest", "none")
_NAMED = ("-chardev", "-mon", "-qtest", "-qtest-log")


class Defect:
    """The one thing that is wrong, and when its time has come."""

    def __init__(self) -> None:
        self.told = json.loads((HERE / "defect.json").read_text())
        self.how = str(self.told["how"])
        self._seen = 0

    def at(self, place: str, what: str = "") -> bool:
        """Whether it is time, at a place and with a question that begins as the defect says."""
        if self.told["at"] != place or not what.startswith(self.told.get("command", "")):
            return False
        self._seen += 1
        return self._seen >= int(self.told.get("nth", 1))


def main(words: list[str]) -> None:
    """Answer a short question, or hold a session."""
    defect = Defect()
    if words[:1] == ["--serve"]:
        _serve(words[1], defect)
    found = _descriptors(words)
    if "qcompat-qmp" not in found:
        _answer(words, defect)
    if defect.at("start"):
        misbehave(defect.how)
    session = Session(RECORDING, key_of(words), defect)
    qtest = socket.socket(fileno=found["qtest"])
    threading.Thread(target=session.serve_qtest, args=(qtest,), daemon=True).start()
    session.serve_qmp(socket.socket(fileno=found["qcompat-qmp"]))
    if defect.at("end"):
        misbehave(defect.how)


def key_of(words: list[str]) -> str:
    """As `record.key_of`."""
    ours: set[int] = set()
    for at, (word, value) in enumerate(pairwise([*words, ""])):
        if word == "-L" or (word in _NAMED and any(name in value for name in _SESSION)):
            ours |= {at, at + 1}
    return "\0".join(_NUMBERS.sub("N", word) for at, word in enumerate(words) if at not in ours)


def _descriptors(words: list[str]) -> dict[str, int]:
    found = (re.match(r"socket,id=([^,]+),fd=(\d+)", word) for word in words)
    return {match[1]: int(match[2]) for match in found if match}


def _answer(words: list[str], defect: Defect) -> None:
    """One short question, and the end."""
    key = key_of(words)
    none = {"output": "", "errors": "qemu: invalid option\n", "code": 1}
    found = json.loads((RECORDING / "asked.json").read_text()).get(key, none)
    output = found["output"].encode()
    if defect.at("process"):
        misbehave(defect.how)
    if defect.at("ask", key):
        output = spoilt_output(output, defect.how)
    write_all(1, output)
    write_all(2, found["errors"].encode())
    os._exit(found["code"])


def _serve(path: str, defect: Defect) -> None:
    """A monitor's socket, for each that connects, until this is killed."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        while True:
            ours, _ = listening.accept()
            with ours:
                Session(RECORDING, "", defect).serve_qmp(ours)
