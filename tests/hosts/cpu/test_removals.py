from __future__ import annotations

from qcompat.hosts.capture import HostCapture
from qcompat.hosts.cpu.baseline import baseline
from qcompat.hosts.cpu.removals import Removal, removals
from tests.hosts.samples import host, offered


def _ways(*hosts: HostCapture) -> tuple[Removal, ...]:
    masks, offers = offered(*hosts)
    return removals(masks, offers, baseline(masks, offers))


def test_the_one_weak_host_is_named_and_what_its_removal_gains() -> None:
    ways = _ways(host("a"), host("b"), host("weak", minus=("avx2", "adx")))
    assert [way.without for way in ways] == [("weak",)]
    assert ways[0].gained == ("adx", "avx2")
    assert (ways[0].model, ways[0].level) == ("Skylake-Client-v1", "x86-64-v3")


def test_two_hosts_that_lack_a_feature_go_together_or_not_at_all() -> None:
    ways = _ways(
        host("a"), host("b"), host("c", minus=("adx",)), host("d", minus=("adx", "rdseed"))
    )
    assert [way.without for way in ways] == [("d",), ("c", "d")]
    assert [way.gained for way in ways] == [("rdseed",), ("adx", "rdseed")]


def test_equal_hosts_have_none_to_leave_out() -> None:
    assert _ways(host("a"), host("b"), host("c")) == ()


def test_a_pair_is_no_pool() -> None:
    assert _ways(host("a"), host("b", minus=("adx",))) == ()
