from __future__ import annotations

import pytest

from qcompat.errors import UsageError
from qcompat.hosts.capture import Tsc
from qcompat.hosts.cpu.lines import lines
from tests.hosts.samples import VALUES, host, offered

ARCH = ("arch-capabilities",)


def test_the_textbook_case_turns_off_what_the_other_lacks() -> None:
    a = host("a", plus=("pcid", "stibp", *ARCH))
    b = host("b", plus=("taa-no", *ARCH), minus=("pcid",))
    found = lines(*offered(a, b))
    assert [line.cpu for line in found.lines] == ["host,pcid=off,stibp=off", "host,taa-no=off"]
    assert found.fatal == ("pcid (CR4)", "stibp (IA32_SPEC_CTRL)")
    assert found.silent == ("taa-no",)


def test_equal_hosts_need_nothing() -> None:
    found = lines(*offered(host("a"), host("b")))
    assert [line.cpu for line in found.lines] == ["host", "host"]
    assert not found.are_needed


def test_what_falls_by_itself_is_not_turned_off_by_name() -> None:
    a = host("a", plus=("vmx", "vmx-ept", "vmx-secondary-ctls"))
    found = lines(*offered(a, host("b")))
    assert found.lines[0].cpu == "host,vmx=off"


def test_a_feature_whose_ground_is_lost_goes_on_all_hosts() -> None:
    plain = tuple(sorted(set(host("x").builds[0].features) - {"avx2"}))
    a = host("a", features=plain, plus=("avx2",))
    b = host("b", features=plain, minus=("avx",), plus=("avx2",))
    found = lines(*offered(a, b))
    assert "avx2=off" in found.lines[0].cpu
    assert "avx2=off" in found.lines[1].cpu
    lost = {each.feature: each for each in found.dropped}
    assert lost["avx"].lacking == ("b",)
    assert lost["avx2"].lacking == () and "avx" in lost["avx2"].reason


def test_identity_is_that_of_the_least_processor() -> None:
    newer = {**VALUES, "model": 158, "model-id": "A newer, faster one"}
    found = lines(*offered(host("a"), host("b", values=newer)))
    assert found.lines[0].cpu == "host,pmu=off"
    assert found.lines[1].cpu == ("host,model=94,model-id=Intel Core Processor (Skylake),pmu=off")


def test_limits_are_the_least() -> None:
    wide = {**VALUES, "phys-bits": 52, "level": 27}
    found = lines(*offered(host("a"), host("b", values=wide)))
    assert found.lines[0].cpu == "host"
    assert found.lines[1].cpu == "host,level=13,host-phys-bits-limit=46"


def test_a_feature_the_kernel_refuses_is_turned_off_where_it_is_offered() -> None:
    a = host("a", refused=("arch-capabilities", "mds-no"), refusal="failed to set MSR 0x10a")
    found = lines(*offered(a, host("b")))
    assert [line.cpu for line in found.lines] == ["host,arch-capabilities=off", "host"]


@pytest.mark.parametrize(("khz", "is_told"), [(2_500_600, False), (2_500_700, True)])
def test_clocks_may_differ_by_250_parts_in_a_million(khz: int, is_told: bool) -> None:
    found = lines(*offered(host("a"), host("b", tsc=Tsc(khz, False))))
    assert any("clocks" in remark for remark in found.remarks) == is_told


def test_scaled_clocks_may_differ() -> None:
    one, other = Tsc(2_000_000, True), Tsc(3_000_000, True)
    found = lines(*offered(host("a", tsc=one), host("b", tsc=other)))
    assert not found.remarks


def test_two_vendors_have_no_lines() -> None:
    amd = {**VALUES, "vendor": "AuthenticAMD"}
    with pytest.raises(UsageError, match="AuthenticAMD and GenuineIntel"):
        lines(*offered(host("a"), host("b", values=amd)))


def test_a_name_with_a_comma_is_no_value_of_cpu_and_is_told() -> None:
    other = {**VALUES, "family": 5, "model-id": "X, Y"}
    found = lines(*offered(host("a"), host("b", values=other)))
    assert all("model-id" not in line.cpu for line in found.lines)
    assert any("a comma" in remark for remark in found.remarks)


def test_what_not_all_hosts_tell_is_named() -> None:
    silent = {name: value for name, value in VALUES.items() if name != "model"}
    found = lines(*offered(host("a"), host("b", values=silent, tsc=Tsc())))
    assert found.untold == ("model",)
    assert any("model" in remark for remark in found.remarks)
    assert any("the clock rate of some hosts" in remark for remark in found.remarks)
