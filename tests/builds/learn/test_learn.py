from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import pytest
import zstandard

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.builds.learn import accelerators
from qcompat.builds.learn import learn as learn_module
from qcompat.builds.learn.ask import Answer
from qcompat.builds.learn.contents import known_markers
from qcompat.builds.learn.learn import ask_all, learn
from qcompat.errors import BuildError
from qcompat.local.home import cache_home
from tests.builds.build_samples import native

DATA = Path(__file__).parents[2] / "data" / "builds"


class Qemu:
    """Answers the questions from recordings of 11.1.3, or as badly as it is told to."""

    def __init__(self) -> None:
        dump = (DATA / "vmstate-11.1.3.json.zst").read_bytes()
        self.answers: dict[str, Answer | BuildError] = {
            "-machine help": self._recorded("machine-help-11.1.3.txt"),
            "-device help": self._recorded("device-help-11.1.3.txt"),
            "-machine none": Answer(zstandard.decompress(dump), "", 0),
            "-accel help": Answer(b"Accelerators supported in QEMU binary:\ntcg\nkvm\n", "", 0),
            "-accel tcg": Answer(b"", "", 0),
        }
        self.asked: list[str] = []

    def ask(self, build: Build, arguments: Sequence[str], **_: object) -> Answer:  # noqa: ARG002
        question = " ".join(arguments[:2])
        self.asked.append(question)
        answer = self.answers[question]
        if isinstance(answer, BuildError):
            raise answer
        return answer

    @staticmethod
    def _recorded(name: str) -> Answer:
        return Answer((DATA / name).read_bytes(), "", 0)


@pytest.fixture
def qemu(monkeypatch: pytest.MonkeyPatch) -> Qemu:
    stand_in = Qemu()
    monkeypatch.setattr(learn_module, "ask", stand_in.ask)
    monkeypatch.setattr(accelerators, "ask", stand_in.ask)
    monkeypatch.setattr(learn_module, "confirm", lambda _: None)
    return stand_in


@pytest.fixture
def build(tmp_path: Path) -> Build:
    return native(shutil.copy("/bin/true", f"{tmp_path}/qemu-system-x86_64"))


def test_all_answers_are_kept_together(qemu: Qemu, build: Build, tmp_path: Path) -> None:
    facts = learn(build, cache=tmp_path)
    assert {machine.alias for machine in facts.machines} >= {"q35", "pc"}
    assert "virtio-net-pci" in {device.type for device in facts.devices}
    assert facts.states["e1000"].name == "e1000"
    assert facts.type_states["ICH9-LPC"] == "ICH9LPC"
    assert facts.states[facts.type_states["isa-cirrus-vga"]].name == "cirrus_vga"
    assert facts.markers == {"vring_num_validated": False}
    assert facts.lost == {}
    assert facts.accelerators == ("kvm", "tcg")
    assert len(qemu.asked) == 5


def test_second_time_nothing_is_asked(qemu: Qemu, build: Build, tmp_path: Path) -> None:
    first = learn(build, cache=tmp_path)
    assert learn(build, cache=tmp_path) == first
    assert len(qemu.asked) == 5


def test_changed_binary_is_asked_anew(qemu: Qemu, build: Build, tmp_path: Path) -> None:
    learn(build, cache=tmp_path)
    Path(build.binary).write_bytes(Path(build.binary).read_bytes() + b"\0")
    learn(build, cache=tmp_path)
    assert len(qemu.asked) == 10


@pytest.mark.parametrize("damage", [b"", b"nonsense", zstandard.compress(b"\x93\x01")])
def test_damaged_cache_is_taken_anew(
    damage: bytes, qemu: Qemu, build: Build, tmp_path: Path
) -> None:
    first = learn(build, cache=tmp_path)
    (kept,) = (tmp_path / "facts").iterdir()
    kept.write_bytes(damage)
    assert learn(build, cache=tmp_path) == first
    assert len(qemu.asked) == 10
    assert learn(build, cache=tmp_path) == first
    assert len(qemu.asked) == 10


@pytest.mark.parametrize(
    ("question", "answer", "part"),
    [
        ("-machine none", BuildError("it did not answer within 20 s"), "states"),
        ("-machine none", Answer(b'{"e1000": ', "", 139), "states"),
        ("-machine none", Answer(b'{"a":' * 100_000, "", 0), "states"),
        ("-device help", Answer(b"", "Aborted", 134), "devices"),
        ("-machine help", Answer(b"\n", "", 0), "machines"),
    ],
)
def test_question_that_fails_loses_its_answer_alone(
    question: str, answer: Answer | BuildError, part: str, qemu: Qemu, build: Build, tmp_path: Path
) -> None:
    qemu.answers[question] = answer
    facts = learn(build, cache=tmp_path)
    assert set(facts.lost) == {part}
    assert not getattr(facts, part)
    others = {"machines", "devices", "states"} - {part}
    assert all(getattr(facts, other) for other in others)
    learn(build, cache=tmp_path)
    assert len(qemu.asked) == 10  # what was lost is asked for again, never remembered


def test_build_that_answers_nothing_is_an_error(qemu: Qemu, build: Build, tmp_path: Path) -> None:
    for question in ("-machine help", "-device help"):
        qemu.answers[question] = Answer(b"", "symbol lookup error", 127)
    with pytest.raises(BuildError, match="symbol lookup error"):
        learn(build, cache=tmp_path)


def test_build_that_has_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="is gone"):
        learn(native(str(tmp_path / "none")), cache=tmp_path)


def test_markers_are_looked_for_in_modules_too(qemu: Qemu, build: Build, tmp_path: Path) -> None:
    text = known_markers()["vring_num_validated"].text
    (tmp_path / "hw-new.so").write_bytes(b"\0VQ %d vring.num %u " + text.encode() + b" %u\0")
    assert ask_all(build).markers == {"vring_num_validated": True}
    assert len(qemu.asked) == 5


@pytest.fixture(scope="module")
def all_facts(builds: Mapping[str, Build]) -> dict[str, BuildFacts]:
    return {version: learn(build, cache=cache_home()) for version, build in builds.items()}


@pytest.mark.lab
def test_nothing_of_a_real_build_is_lost(all_facts: dict[str, BuildFacts]) -> None:
    for facts in all_facts.values():
        assert facts.lost == {}
        assert "pc-q35-5.2" in {m.name for m in facts.machines} or len(facts.machines) > 20
        assert {"virtio-net-pci", "qxl-vga"} <= {device.type for device in facts.devices}


@pytest.mark.lab
def test_every_described_state_is_among_the_names(all_facts: dict[str, BuildFacts]) -> None:
    """A description that could be dumped has a name that following pointers must find."""
    for facts in all_facts.values():
        described = {state.name for state in facts.states.values()}
        subsections = {sub.name for state in facts.states.values() for sub in state.subsections}
        assert described | subsections <= facts.names


@pytest.mark.lab
@pytest.mark.parametrize(
    "name",
    ["virtio/ringsize", "virtio/packed_virtqueues", "cpu/avx512", "globalstate", "ich9_pm/memhp",
     "piix4_pm", "hpet", "timer", "cpu_common", "virtqueue_state", "apic"],
)  # fmt: skip
def test_names_that_no_dump_shows_are_found(name: str, all_facts: dict[str, BuildFacts]) -> None:
    assert all(name in facts.names for facts in all_facts.values())


@pytest.mark.lab
def test_subsection_is_missing_from_builds_that_came_before_it(
    all_facts: dict[str, BuildFacts],
) -> None:
    """`cpu/arch_lbr` came with 7.1 (target/i386/machine.c)."""
    for version, facts in all_facts.items():
        assert ("cpu/arch_lbr" in facts.names) == (int(version.split(".")[0]) >= 7)


@pytest.mark.lab
def test_only_builds_from_11_1_validate_the_queue_size(all_facts: dict[str, BuildFacts]) -> None:
    for version, facts in all_facts.items():
        assert facts.markers["vring_num_validated"] == (version.split(".")[:2] == ["11", "1"])


@pytest.mark.lab
def test_facts_stay_small(all_facts: dict[str, BuildFacts]) -> None:
    for facts in all_facts.values():
        assert len(zstandard.compress(msgspec.msgpack.encode(sorted(facts.names)), 6)) < 200_000


def test_binary_that_changed_since_it_was_registered_is_not_asked(
    build: Build, tmp_path: Path
) -> None:
    with pytest.raises(BuildError, match="has changed since it was registered") as refused:
        learn(build, cache=tmp_path)
    assert f"qcompat builds add mine {build.binary}" in refused.value.hint
