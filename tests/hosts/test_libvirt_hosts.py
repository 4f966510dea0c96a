"""Hosts of others: the captures in the source package of libvirt, taken when the tests run.

What libvirt expects of two of them is compared with what is found here; every difference is in
KNOWN with its reason, and a reason that no longer holds fails too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring

from benchmarks.source_package import source_directory
from qcompat.hosts.capture import HostCapture
from qcompat.hosts.compare import compare_hosts
from qcompat.hosts.cpu.baseline import Baseline, baseline
from qcompat.hosts.cpu.features.masks import FeatureMasks
from qcompat.hosts.cpu.features.names import canonical
from qcompat.hosts.cpu.guest_cpu import parse_cpu
from qcompat.hosts.cpu.offer import CpuOffer, offers_of
from qcompat.hosts.cpu.realized import realize
from qcompat.hosts.read.recognise import read_host

pytestmark = pytest.mark.lab

PREFIX = "x86_64-cpuid-"
NO_SVM = "needs svm, which one host lacks: QEMU takes it away, and enforce refuses it"
NO_ARCH = "needs arch-capabilities, which one host lacks: QEMU takes it away"
KNOWN: Mapping[str, Mapping[str, str]] = {
    "EPYC+Rome": {"npt": NO_SVM, "nrip-save": NO_SVM},
    "Cascadelake+Skylake-IBRS": {"skip-l1dfl-vmentry": NO_ARCH},
}
"""What libvirt's expected baseline has and ours has not: no QEMU guest could have it."""


@pytest.fixture(scope="session")
def cputestdata() -> Path:
    return _directory("tests/cputestdata")


@pytest.fixture(scope="session")
def replies() -> Path:
    return _directory("tests/qemucapabilitiesdata")


@pytest.fixture(scope="session")
def cpu_map() -> Path:
    return _directory("src/cpu_map")


@pytest.fixture(scope="session")
def hosts(cputestdata: Path) -> Mapping[str, HostCapture]:
    paths = sorted(cputestdata.glob(f"{PREFIX}*.json"))
    return {path.stem.removeprefix(PREFIX): read_host(path) for path in paths}


def _directory(name: str) -> Path:
    try:
        return source_directory(name, "libvirt")
    except (SystemExit, OSError) as error:
        pytest.skip(f"the source package of libvirt cannot be had: {error}")


def test_all_hosts_are_read(hosts: Mapping[str, HostCapture]) -> None:
    assert len(hosts) >= 51
    assert all(host.builds[0].features for host in hosts.values())
    assert sum(bool(host.builds[0].unavailable) for host in hosts.values()) >= 30


def test_every_pair_of_one_vendor_runs_its_baseline(hosts: Mapping[str, HostCapture]) -> None:
    pairs = [
        (one, other)
        for one, other in combinations(hosts.values(), 2)
        if one.builds[0].values["vendor"] == other.builds[0].values["vendor"]
    ]
    assert len(pairs) >= 850
    for pair in pairs:
        masks = FeatureMasks()
        offers = offers_of(pair, masks)
        found = baseline(masks, offers)
        for offer, line in zip(offers, found.lines, strict=True):
            _check_runs(offer, line, found)
            made = realize(masks, offer, parse_cpu(line))
            assert masks.names(made.features & offer.known) == _told(found, masks, offer)


def _told(found: Baseline, masks: FeatureMasks, offer: CpuOffer) -> tuple[str, ...]:
    return masks.names(masks.mask(found.features) & offer.known)


def _check_runs(offer: CpuOffer, line: str, found: Baseline) -> None:
    """By the capture's own words alone, without the code under test."""
    capture = offer.capture
    model, *words, enforce = line.split(",")
    assert enforce == "enforce"
    on = {word.removesuffix("=on") for word in words if word.endswith("=on")}
    off = {word.removesuffix("=off") for word in words if word.endswith("=off")}
    assert on <= set(capture.features), (offer.name, line)
    assert on | off <= set(capture.known)
    if capture.unavailable:
        assert set(capture.unavailable[model].split()) <= off, (offer.name, line)
    else:
        assert set(found.features) & set(capture.known) <= set(capture.features)


def test_no_baseline_is_poorer_than_libvirts(
    hosts: Mapping[str, HostCapture], cputestdata: Path, cpu_map: Path
) -> None:
    expected = sorted(cputestdata.glob(f"{PREFIX}baseline-*.xml"))
    assert len(expected) == 13
    told = dict(_baselines())
    for path in expected:
        label = path.stem.removeprefix(f"{PREFIX}baseline-")
        masks = FeatureMasks()
        offers = offers_of([hosts[name] for name in told[label]], masks)
        lacking = _features_of(path, cpu_map) - set(baseline(masks, offers).features)
        assert lacking == KNOWN.get(label, {}).keys(), label


def _baselines() -> Iterator[tuple[str, tuple[str, str]]]:
    """Which two hosts each expected baseline is of, by libvirt's own test."""
    text = (_directory("tests/cputestdata").parent / "cputest.c").resolve()
    source = text if text.exists() else _source_file()
    pattern = r'DO_TEST_CPUID_BASELINE\(VIR_ARCH_X86_64, "([^"]+)",\s*"([^"]+)", "([^"]+)"\)'
    for label, one, other in re.findall(pattern, source.read_text()):
        yield label, (one, other)


def _source_file() -> Path:
    from benchmarks.source_package import source_file

    return source_file("tests/cputest.c", "libvirt")


def _features_of(path: Path, cpu_map: Path) -> set[str]:
    """The features of a `<cpu>` of libvirt, its model spelled out by libvirt's own map."""
    root = fromstring(path.read_bytes())
    found = _model(root.findtext("model", ""), cpu_map)
    for feature in root.iter("feature"):
        change = found.add if feature.get("policy") == "require" else found.discard
        change(canonical(feature.get("name", "")))
    return found


def _model(name: str, cpu_map: Path) -> set[str]:
    root = fromstring((cpu_map / f"x86_{name}.xml").read_bytes())
    found: set[str] = set()
    for base in root.iterfind("./model/model"):
        found |= _model(base.get("name", ""), cpu_map)
    for feature in root.iterfind("./model/feature"):
        if feature.get("added") != "yes" and feature.get("removed") != "yes":
            found.add(canonical(feature.get("name", "")))
    return found


def test_the_processor_that_lost_a_feature_is_found(replies: Path) -> None:
    one, other = (read_host(replies / f"caps_{v}_x86_64.replies") for v in ("6.2.0", "10.0.0"))
    kvm = next(each for each in compare_hosts(one, other).offers if each.accelerator == "kvm")
    assert kvm.only_source == ("xsaves",)
    assert "EPYC-Rome-v1" in {each.model for each in kvm.models_lost}
    assert {each.lacks for each in kvm.models_lost} == {("xsaves",)}


def test_it_was_lost_between_8_0_and_8_1_and_at_no_other_step(replies: Path) -> None:
    paths = sorted(replies.glob("caps_*_x86_64.replies"), key=_version)
    lost = {}
    for before, after in pairwise(paths):
        found = compare_hosts(read_host(before), read_host(after), accelerator="kvm").offers[0]
        if found.models_lost:
            lost[_version(after)] = found.only_source
    assert lost == {(8, 1, 0): ("xsaves",)}


def _version(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in path.name.split("_")[1].split("."))


def test_domain_capabilities_tell_the_same_as_the_replies_behind_them(replies: Path) -> None:
    xml = _directory("tests/domaincapsdata") / "qemu_10.0.0-q35.x86_64.xml"
    by_libvirt = read_host(xml).builds[0]
    by_qemu = read_host(replies / "caps_10.0.0_x86_64.replies").builds[0]
    missing = set(by_qemu.features) - set(by_libvirt.features)
    assert {name for name in missing if not name.startswith("kvm")} <= {"lmce"}
    rome = by_libvirt.unavailable["EPYC-Rome-v1"], by_qemu.unavailable["EPYC-Rome-v1"]
    assert rome == ("xsaves", "xsaves")
