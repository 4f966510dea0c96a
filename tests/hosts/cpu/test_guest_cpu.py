from __future__ import annotations

import pytest

from qcompat.errors import GuestError
from qcompat.hosts.cpu.guest_cpu import parse_cpu


def test_plus_minus_and_values_are_told_apart() -> None:
    cpu = parse_cpu("Haswell-v4,+vmx,-svm,pcid=on,phys-bits=40,enforce")
    assert (cpu.model, cpu.on, cpu.off) == ("Haswell-v4", ("pcid", "vmx"), ("svm",))
    assert cpu.others == {"phys-bits": "40", "enforce": "on"}
    assert cpu.has_enforce


def test_minus_wins_over_plus_and_both_over_values() -> None:
    assert parse_cpu("host,-avx,+avx,avx=on").off == ("avx",)
    assert parse_cpu("host,+avx,avx=off").on == ("avx",)


@pytest.mark.parametrize("spelled", ["sse4_1", "sse4-1", "sse4.1"])
def test_spellings_become_qemus_own(spelled: str) -> None:
    assert parse_cpu(f"host,-{spelled}").off == ("sse4.1",)


def test_hyper_v_is_no_feature() -> None:
    assert parse_cpu("host,hv-time,kvm=off").others == {"hv-time": "on", "kvm": "off"}


@pytest.mark.parametrize("text", ["", "+avx", "avx=on", "host,=on"])
def test_what_is_no_cpu_is_refused(text: str) -> None:
    with pytest.raises(GuestError):
        parse_cpu(text)


def test_empty_items_are_passed_over_as_qemu_does() -> None:
    assert parse_cpu("host,,avx=on,").on == ("avx",)


def test_a_switch_that_is_no_feature_may_have_a_sign_or_underscores() -> None:
    cpu = parse_cpu("host,-migratable,host_phys_bits=off,+enforce")
    assert (cpu.on, cpu.off) == ((), ())
    assert cpu.has_enforce
    assert not cpu.says("migratable", unsaid=True)
    assert not cpu.says("host-phys-bits", unsaid=True)


def test_the_rate_of_the_clock_is_read_with_its_unit() -> None:
    assert parse_cpu("host,tsc-frequency=2500000000").khz == 2_500_000
    assert parse_cpu("host,tsc-freq=2.5G").khz == 2_500_000
    assert parse_cpu("host,tsc-freq=fast").khz is None
