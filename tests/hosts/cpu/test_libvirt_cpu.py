"""A baseline in libvirt's terms says what QEMU's line says, in names that every libvirt knows."""

from __future__ import annotations

import pytest

from qcompat.hosts.cpu.baseline import baseline
from qcompat.hosts.cpu.features.masks import FeatureMasks
from qcompat.hosts.cpu.features.names import canonical
from qcompat.hosts.cpu.libvirt_cpu import libvirt_cpu
from qcompat.hosts.cpu.libvirt_models import libvirt_models
from qcompat.hosts.cpu.models import shipped, versioned
from qcompat.hosts.cpu.offer import offers_of
from qcompat.hosts.read.domcapabilities import read_domcapabilities
from tests.hosts.samples import VALUES, host, offered

HOST_MODEL = """<domainCapabilities><path>/usr/bin/qemu-system-x86_64</path><domain>kvm</domain>
<machine>pc-q35-7.2</machine><cpu><mode name='host-model' supported='yes'>
<model fallback='forbid'>{model}</model><vendor>{vendor}</vendor>
<feature policy='require' name='invtsc'/><feature policy='require' name='tsc_adjust'/>
</mode></cpu></domainCapabilities>"""
MODELS = [name for name in libvirt_models().models if versioned(name) in shipped().models]


def test_what_no_guest_migrates_with_is_not_in_a_baseline() -> None:
    text = HOST_MODEL.format(model="Skylake-Client-IBRS", vendor="Intel").encode()
    capture = read_domcapabilities(text, "a")
    assert capture.builds[0].unmigratable == ("invtsc",)
    masks = FeatureMasks()
    found = baseline(masks, offers_of((capture,), masks))
    assert "invtsc" not in found.features
    assert "invtsc" not in found.lines[0]


@pytest.mark.parametrize("model", MODELS)
def test_the_features_stated_make_every_definition_the_baseline(model: str) -> None:
    """Whoever reads the model, libvirt 9.0 or 11.3 or QEMU, has the same set in the end."""
    definition = shipped().models[versioned(model)]
    values = {**VALUES, "vendor": definition.values.get("vendor", "GenuineIntel")}
    pool = [host(n, features=definition.names, values=values) for n in ("a", "b")]
    masks, offers = offered(*pool)
    found = baseline(masks, offers)
    cpu = libvirt_cpu(masks, offers, found)
    known = frozenset(libvirt_models().features.split())
    assert {*cpu.required, *cpu.disabled} <= known
    theirs = libvirt_models().models[cpu.model]
    kept = {each for each in found.features if not each.startswith(("vmx-", "kvm"))}
    for more in ("", theirs.some):
        read = {*theirs.every.split(), *more.split(), *cpu.required} - {*cpu.disabled}
        has = {canonical(each) for each in read}
        assert kept - has <= {*cpu.nameless}
        assert not has - kept


def test_a_model_that_only_a_later_libvirt_knows_is_not_named() -> None:
    assert not any(name.endswith(("-v1", "-v2")) for name in libvirt_models().models)
    assert {
        "Opteron_G2",
        "EPYC-Rome",
        "Skylake-Client-noTSX-IBRS",
    } <= libvirt_models().models.keys()


def test_svm_is_stated_where_libvirt_believes_it_of_the_model() -> None:
    text = HOST_MODEL.format(model="EPYC-Rome", vendor="AMD")
    off = "<feature policy='disable' name='svm'/><feature policy='disable' name='npt'/></mode>"
    capture = read_domcapabilities(text.replace("</mode>", off).encode(), "a")
    masks = FeatureMasks()
    offers = offers_of((capture,), masks)
    cpu = libvirt_cpu(masks, offers, baseline(masks, offers))
    assert cpu.model.startswith("EPYC")
    assert "svm" in cpu.disabled
