from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcompat.errors import UsageError
from qcompat.hosts.cpu.baseline import baseline
from qcompat.hosts.cpu.guest_cpu import parse_cpu
from qcompat.hosts.cpu.models import shipped
from qcompat.hosts.cpu.realized import realize
from tests.hosts.samples import PLAIN, VALUES, host, offered

SOME = sorted({*PLAIN, "stibp", "md-clear", "taa-no", "arch-capabilities", "adx", "pku"})


def test_equal_hosts_keep_all_they_have() -> None:
    found = baseline(*offered(host("a"), host("b")))
    assert found.model == "Skylake-Client-v1"
    assert found.lines == ("Skylake-Client-v1,kvm-pv-unhalt=on,enforce",) * 2
    assert found.dropped == ()
    assert found.level == "x86-64-v3"


def test_what_one_lacks_is_given_up_and_it_is_blamed() -> None:
    found = baseline(*offered(host("a", plus=("stibp",)), host("weak", minus=("avx2",))))
    assert "avx2" in found.removed and "stibp" not in found.added
    blamed = {each.feature: each.lacking for each in found.dropped}
    assert blamed == {"avx2": ("weak",), "stibp": ("weak",)}
    assert found.level == "x86-64-v2"
    assert (found.next_level, found.next_lacks) == ("x86-64-v3", ("avx2",))


def test_a_model_that_all_run_as_it_is_comes_before_one_with_much_removed() -> None:
    old = host("old", features=(*shipped().models["Haswell-v4"].names, "kvm-pv-unhalt"))
    found = baseline(*offered(host("a", plus=("spec-ctrl",)), old))
    assert found.model == "Haswell-v4"
    assert found.removed == ()


def test_a_model_to_which_two_builds_give_another_family_is_not_chosen() -> None:
    usual = host("a")
    (capture,) = usual.builds
    best = baseline(*offered(usual)).model
    definition = capture.definitions[best]
    other = msgspec.structs.replace(definition, values={**definition.values, "family": 15})
    changed = {**capture.definitions, best: other}
    capture = msgspec.structs.replace(capture, definitions=changed)
    odd = msgspec.structs.replace(usual, name="odd", builds=(capture,))
    assert baseline(*offered(usual, odd)).model != best


def test_pku_of_amd_hosts_with_and_without_avx512_is_given_up() -> None:
    values = {**VALUES, "vendor": "AuthenticAMD"}
    one = host("milan", plus=("pku",), values=values)
    other = host("genoa", plus=("pku", "avx512f"), values=values)
    found = baseline(*offered(one, other))
    assert "pku" not in found.features
    assert {e.feature: e.reason for e in found.dropped}["pku"].startswith("its registers are")


def test_a_build_that_has_no_name_for_a_feature_is_not_told_to_turn_it_off() -> None:
    known = tuple(name for name in PLAIN if name != "avx2")
    found = baseline(*offered(host("a"), host("b", minus=("avx2",), known=known)))
    assert "avx2=off" in found.lines[0]
    assert "avx2" not in found.lines[1]


def test_two_vendors_have_no_baseline() -> None:
    amd = {**VALUES, "vendor": "AuthenticAMD"}
    with pytest.raises(UsageError, match="several vendors"):
        baseline(*offered(host("a"), host("b", values=amd)))


@settings(max_examples=60)
@given(st.lists(st.sets(st.sampled_from(SOME), min_size=40), min_size=1, max_size=5))
def test_every_host_runs_the_baseline_and_it_keeps_what_all_have(has: list[set[str]]) -> None:
    masks, offers = offered(*(host(f"h{n}", features=each) for n, each in enumerate(has)))
    found = baseline(masks, offers)
    for offer, line in zip(offers, found.lines, strict=True):
        made = realize(masks, offer, parse_cpu(line))
        assert made.refusal == ""
        assert masks.names(made.features) == found.features
    orphaned = {each.feature for each in found.dropped if each.reason}
    assert set.intersection(*has) - orphaned <= set(found.features)


@settings(max_examples=60)
@given(st.lists(st.sets(st.sampled_from(SOME), min_size=30), min_size=2, max_size=4))
def test_the_order_of_hosts_changes_nothing_and_more_hosts_never_gain(
    has: list[set[str]],
) -> None:
    hosts = [host(f"h{n}", features=each) for n, each in enumerate(has)]
    found = baseline(*offered(*hosts))
    turned = baseline(*offered(*reversed(hosts)))
    assert (found.model, found.features) == (turned.model, turned.features)
