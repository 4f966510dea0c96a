"""The tables of features: nothing in them that no build has a name for."""

from __future__ import annotations

import pytest

from qcompat.hosts.cpu.features.dependencies import dependents, lost_with
from qcompat.hosts.cpu.features.levels import level_of, levels, short_of
from qcompat.hosts.cpu.features.masks import FeatureMasks
from qcompat.hosts.cpu.features.names import canonical, is_feature, names
from qcompat.hosts.cpu.features.registers import refused_by, registers
from qcompat.hosts.cpu.models import shipped


def test_every_name_in_the_tables_is_a_feature_of_some_build() -> None:
    needs = dependents()
    told = {name for rules in needs.values() for name in rules}
    told |= {name for rules in needs.values() for many in rules.values() for name in many}
    told |= set(registers()) | {name for level in levels() for name in level.adds}
    assert told <= names().features


def test_aliases_and_spellings_of_libvirt_lead_to_features() -> None:
    assert set(names().aliases.values()) <= names().features
    assert set(names().libvirt) <= names().features
    assert not names().settings & names().features


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        ("xd", "nx"),
        ("i64", "lm"),
        ("ffxsr", "fxsr-opt"),
        ("fxsr_opt", "fxsr-opt"),
        ("sse3", "pni"),
        ("pclmuldq", "pclmulqdq"),
        ("cmp_legacy", "cmp-legacy"),
        ("kvm_pv_eoi", "kvm-pv-eoi"),
        ("md-clear", "md-clear"),
        ("never-heard-of", "never-heard-of"),
    ],
)
def test_other_spellings(spelled: str, name: str) -> None:
    assert canonical(spelled) == name


@pytest.mark.parametrize("name", ["enforce", "pmu", "hv-time", "x-force-features", "migratable"])
def test_settings_are_no_features(name: str) -> None:
    assert not is_feature(name)


def test_what_falls_falls_all_the_way() -> None:
    masks = FeatureMasks()
    present = masks.mask(("avx", "avx2", "avx512f", "avx512bw", "xsavec", "xsaves", "sse"))
    lost = lost_with(masks, masks.bit("xsave"), present, by=("qemu", "architecture"))
    assert masks.names(present & ~lost) == ("sse",)
    assert lost_with(masks, masks.bit("xsave"), present) == 0


@pytest.mark.parametrize(
    ("model", "level"),
    [("Nehalem-v1", "x86-64-v2"), ("Haswell-v1", "x86-64-v3"), ("EPYC-v1", "x86-64-v3"),
     ("Skylake-Server-v1", "x86-64-v4"), ("qemu64-v1", "x86-64-v1"), ("486-v1", "")],
)  # fmt: skip
def test_levels_of_known_models(model: str, level: str) -> None:
    assert level_of(shipped().models[model].names) == level


def test_what_the_next_level_lacks() -> None:
    names_ = set(shipped().models["Haswell-v1"].names) - {"movbe"}
    assert short_of(names_) == ("x86-64-v3", ("movbe",))


@pytest.mark.parametrize(
    ("message", "feature"),
    [
        ("error: failed to set MSR 0x10a to 0x69", "arch-capabilities"),
        ("error: failed to set MSR 0x48b to 0x0", "vmx"),
        ("error: failed to set MSR 0x1234 to 0x0", ""),
        ("CPU model 'x' not found", ""),
    ],
)
def test_the_feature_behind_a_refused_register(message: str, feature: str) -> None:
    assert refused_by(message) == feature
