"""`qcompat check` with captures of the two hosts."""

from __future__ import annotations

import json

import msgspec
import pytest

from qcompat.cli import run
from qcompat.compare.hosts.differences import HostPair
from qcompat.portrait.file import read_portrait
from qcompat.portrait.portrait import Portrait
from qcompat.verdict.judge import judge
from tests.hosts.devices.hosts import PLACE, host, path

PORTRAIT = PLACE / "net-tap@10.0.13.qcp"


def check(source: str, target: str, *more: str) -> int:
    ends = ("--source-host", str(path(source)), "--target-host", str(path(target)))
    return run(["check", str(PORTRAIT), str(PORTRAIT), *ends, *more])


def document(capsys: pytest.CaptureFixture[str], *hosts: str) -> dict[str, dict[str, object]]:
    check(*hosts, "--json")
    answer: dict[str, dict[str, object]] = json.loads(capsys.readouterr().out)
    return answer


@pytest.mark.parametrize(
    ("source", "target", "code"),
    [
        ("uso", "uso", 0),
        ("uso", "no-uso", 0),
        ("uso", "bare", 1),
        ("uso", "unasked", 3),
        ("uso", "no-avx2", 1),
        ("uso", "vhost", 0),  # the guest's tap does not ask for vhost
    ],
)
def test_the_hosts_decide_the_exit_code(source: str, target: str, code: int) -> None:
    assert check(source, target) == code


def test_a_driver_may_use_already_what_the_target_host_denies(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert check("uso", "no-uso", "--strict") == 3
    assert "may be refused: virtio-net-pci" in capsys.readouterr().out


def test_what_hosts_deny_breaks_unchanged_and_not_loads() -> None:
    assert check("uso", "no-uso", "--promise", "loads") == 0
    assert check("uso", "no-uso", "--promise", "unchanged") == 1
    assert check("uso", "bare", "--promise", "loads") == 1


def test_one_host_alone_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    ends = ["--source-host", str(path("uso"))]
    assert run(["check", str(PORTRAIT), str(PORTRAIT), *ends]) == 2
    assert "give both" in capsys.readouterr().err


def test_a_remedy_is_not_searched_between_hosts(capsys: pytest.CaptureFixture[str]) -> None:
    """Candidates would be tried on a third host: this one."""
    assert check("uso", "no-uso", "--repair") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "knows nothing about other hosts" in err
    assert "qcompat host lines" in err


def test_one_cause_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Taps without a header deny the features too; that is no second finding."""
    answer = document(capsys, "uso", "bare")
    rules = [each["rule"] for each in _findings(answer["forward"])]
    assert rules == ["host_tap_missing_on_target"]


def test_the_way_back_is_seen_from_the_other_host(capsys: pytest.CaptureFixture[str]) -> None:
    answer = document(capsys, "uso", "no-uso")
    assert [f["rule"] for f in _findings(answer["back"])] == ["host_feature_added_on_target"]


def test_a_feature_that_the_source_host_denies_is_not_missed_on_the_target() -> None:
    """The target's build may lack what the source's host never let the device offer."""
    shown = read_portrait(PORTRAIT)
    uso = 0x7 << 54
    less = msgspec.structs.replace(
        shown,
        virtio=tuple(msgspec.structs.replace(v, features=v.features & ~uso) for v in shown.virtio),
    )
    assert judge(shown, less).forward.verdict == "drift"
    hosts = HostPair(host("no-uso"), host("uso"))
    assert judge(shown, less, hosts).forward.verdict == "ok"


def test_a_missing_processor_feature_blocks_only_with_enforce() -> None:
    hosts = HostPair(host("uso"), host("no-avx2"))
    plain = judge(_with_cpu("max"), _with_cpu("max"), hosts).forward
    enforced = judge(_with_cpu("max,+avx2,enforce"), _with_cpu("max,+avx2,enforce"), hosts).forward
    assert plain.verdict == "drift"
    assert enforced.verdict == "blocked"
    assert enforced.findings[0].rule == "host_cpu_feature_missing_on_target"


def _with_cpu(text: str) -> Portrait:
    shown = read_portrait(PORTRAIT)
    arguments = list(shown.guest.arguments)
    arguments[arguments.index("-cpu") + 1] = text
    guest = msgspec.structs.replace(shown.guest, arguments=tuple(arguments))
    return msgspec.structs.replace(shown, guest=guest)


def _findings(direction: dict[str, object]) -> list[dict[str, object]]:
    found = direction["findings"]
    assert isinstance(found, list)
    return found
