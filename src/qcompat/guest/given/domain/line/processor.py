"""`-cpu`, `-smp` and I/O threads (libvirt: qemuBuildCpuCommandLine, qemuBuildSmpCommandLine)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.line.words import Value, Words, option
from qcompat.guest.given.domain.processors import most_processors, plugged, processors
from qcompat.guest.given.domain.values import count, number, part, switch, text
from qcompat.guest.guest import Uncovered

_NAMES = {
    **{name: name.replace("_", "-") for name in ("cmp_legacy", "ds_cpl", "fxsr_opt", "lahf_lm")},
    **{name: name.replace("_", "-") for name in ("kvm_pv_eoi", "kvm_pv_unhalt", "nodeid_msr")},
    **{name: name.replace("_", "-") for name in ("perfctr_core", "perfctr_nb", "tsc_adjust")},
    "pclmuldq": "pclmulqdq",
    "vmx-invvpid-single-context-noglobals": "vmx-invept-single-context-noglobals",
}
"""What libvirt calls otherwise than QEMU (src/qemu/qemu_capabilities.c)."""
_NEVER_OF_QEMU = frozenset({"cmt", "mbm_total", "mbm_local", "osxsave", "ospke", "pconfig"})
"""Features of libvirt that QEMU does not have, so that libvirt need not disable them."""
_SKYLAKE = ("Skylake-Client", "Skylake-Server")
_ICELAKE = ("Icelake-Server", "Icelake-Server-noTSX")
_TAKEN_AWAY = {
    "intel-pt": (*_ICELAKE, "Icelake-Client", "Icelake-Client-noTSX"),
    "mpx": (
        *(f"{name}{kind}" for name in _SKYLAKE for kind in ("", "-IBRS", "-noTSX-IBRS")),
        *("Cascadelake-Server", "Cascadelake-Server-noTSX", *_ICELAKE),
    ),
    "monitor": ("EPYC", "EPYC-IBPB", "Dhyana", "Opteron_G3"),
}
"""`removed='yes'` in libvirt's src/cpu_map."""
_HYPERV = (
    *("relaxed", "vapic", "spinlocks", "vpindex", "runtime", "synic", "stimer", "reset"),
    *("vendor_id", "frequencies", "reenlightenment", "tlbflush", "ipi", "evmcs", "avic"),
    *("emsr_bitmap", "xmm_input"),
)
_VECTORS = re.compile(r"sve\d+=on")
"""A length of ARM's vectors; libvirt switches them on with the first."""
_OF_HOST = (
    "libvirt makes a model of the host's processor when it starts the guest, and another host has "
    "another; give the XML of the running guest, without --inactive: virsh dumpxml NAME"
)
_OPTIONAL = "the guest has this feature where the host does, which the XML does not say"
_MATCH = (
    "libvirt completes the model with features of the host when it starts the guest; give the XML "
    "of the running guest: virsh dumpxml NAME"
)
_PLUGGED = "libvirt plugs {} more processors into the guest before it runs, which stay out here"


def cpu(domain: Domain) -> Words:
    """The model with its features, and what else rides on `-cpu`."""
    model, features = _model(domain)
    if not model:
        return  # QEMU's own
    rest = [*features, *_timers(domain), *_paravirtual(domain), *_rest(domain)]
    yield from ("-cpu", ",".join((model, *rest)))


def _model(domain: Domain) -> tuple[str, list[str]]:
    given = domain.part("cpu")
    mode = given.get("mode", "custom")
    name = text(given, "model")
    if mode == "host-model":
        domain.leave_out(Uncovered("<cpu mode='host-model'>", _OF_HOST))
        return "max", []
    if mode in {"host-passthrough", "maximum"}:
        migratable = switch(given, "migratable")
        said = [] if migratable is None else [f"migratable={'on' if migratable else 'off'}"]
        is_passed = mode == "host-passthrough" and not domain.is_virt
        if is_passed and migratable is None and not domain.is_live:
            said = ["migratable=on"]
        return "host" if mode == "host-passthrough" else "max", said + _features(domain, given)
    if not name:
        return _usual_model(domain), []
    if (match := given.get("match", "exact")) != "exact":
        domain.leave_out(Uncovered(f"<cpu match='{match}'>", _MATCH))
    vendor = part(given, "model").get("vendor_id")
    said = [f"vendor={vendor}"] if vendor else []
    return name, said + _features(domain, given) + _taken_away(domain, given, name)


def _taken_away(domain: Domain, given: Element, model: str) -> list[str]:
    """Features that a model had once; libvirt disables them when it starts a guest."""
    named = {each.get("name") for each in given.iterfind("feature")}
    lost = [name for name, models in _TAKEN_AWAY.items() if model in models and name not in named]
    return [] if domain.is_live else [f"{name}=off" for name in lost]


def _usual_model(domain: Domain) -> str:
    if domain.is_virt:
        return "" if domain.is_kvm else "cortex-a15"
    if domain.machine == "isapc":
        return "486"
    emulator = text(domain.element, "devices/emulator")
    return "qemu32" if emulator.endswith("i386") else "qemu64"


def _features(domain: Domain, given: Element) -> list[str]:
    said = []
    for feature in given.iterfind("feature"):
        name, policy = feature.get("name", ""), feature.get("policy", "require")
        written = _NAMES.get(name, name)
        if policy in {"force", "require"}:
            said.append(f"{written}=on")
        elif policy in {"disable", "forbid"}:
            said += [] if name in _NEVER_OF_QEMU else [f"{written}=off"]
        else:
            domain.leave_out(Uncovered(f"<feature policy='{policy}' name='{name}'>", _OPTIONAL))
    vectors = [each for each in said if _VECTORS.fullmatch(each)]
    return said + (["sve=on"] if vectors and not {"sve=on", "sve=off"} & {*said} else [])


def _timers(domain: Domain) -> Iterator[str]:
    for timer in domain.element.iterfind("clock/timer"):
        name, present = timer.get("name"), switch(timer, "present")
        if name == "kvmclock" and present is not None:
            yield f"kvmclock={'on' if present else 'off'}"
        elif name == "hypervclock" and present:
            yield "hv-time=on"
        elif name == "tsc" and (frequency := count(timer, "frequency")):
            yield f"tsc-frequency={frequency}"
        elif name == "armvtimer" and (policy := timer.get("tickpolicy")):
            yield f"kvm-no-adjvtime={'on' if policy == 'discard' else 'off'}"


def _paravirtual(domain: Domain) -> Iterator[str]:
    eoi = switch(domain.part("features/apic"), "eoi")
    if eoi is not None:
        yield f"kvm-pv-eoi={'on' if eoi else 'off'}"
    spinlock = domain.feature("pvspinlock")
    if spinlock is not None:
        yield f"kvm-pv-unhalt={'on' if spinlock else 'off'}"
    hyperv = domain.element.find("features/hyperv")
    if hyperv is not None:
        if hyperv.get("mode") == "passthrough":
            yield "hv-passthrough=on"
        for name in _HYPERV:
            yield from _enlightenment(name, part(hyperv, name))
    if any(each.model == "hyperv" for each in domain.all("panic")):
        yield "hv-crash"
    yield from _kvm(domain)


def _enlightenment(name: str, given: Element) -> Iterator[str]:
    if switch(given, "state"):
        if name == "spinlocks":
            yield f"hv-spinlocks=0x{count(given, 'retries') or 0:x}"
        elif name == "vendor_id":
            yield f"hv-vendor-id={given.get('value', '')}"
        else:
            yield f"hv-{name.replace('_', '-')}=on"
    for detail in ("direct", "extended"):
        if name in {"stimer", "tlbflush"} and switch(part(given, detail), "state"):
            yield f"hv-{name}-{detail.replace('extended', 'ext')}=on"


def _kvm(domain: Domain) -> Iterator[str]:
    kvm = domain.part("features/kvm")
    if switch(part(kvm, "hidden"), "state"):
        yield "kvm=off"
    if switch(part(kvm, "hint-dedicated"), "state"):
        yield "kvm-hint-dedicated=on"
    if switch(part(kvm, "poll-control"), "state"):
        yield "kvm-poll-control=on"
    if switch(part(kvm, "pv-ipi"), "state") is False:
        yield "kvm-pv-ipi=off"


def _rest(domain: Domain) -> Iterator[str]:
    if (pmu := domain.feature("pmu")) is not None:
        yield f"pmu={'on' if pmu else 'off'}"
    yield from _cache(domain)
    bits = domain.part("cpu/maxphysaddr")
    if bits.get("mode") == "passthrough":
        yield "host-phys-bits=on"
        if limit := count(bits, "limit"):
            yield f"host-phys-bits-limit={limit}"
    elif bits.get("mode") == "emulate":
        width = count(bits, "bits")
        yield f"phys-bits={width}" if width else "host-phys-bits=off"


def _cache(domain: Domain) -> Iterator[str]:
    mode = domain.part("cpu/cache").get("mode")
    is_hosts = domain.part("cpu").get("mode") in {"host-passthrough", "maximum"}
    if mode == "emulate":
        yield "l3-cache=on"
    if mode == "passthrough":
        yield "host-cache-info=on"
    if mode in {"emulate", "disable"} and is_hosts:
        yield "host-cache-info=off"
    if mode in {"passthrough", "disable"}:
        yield "l3-cache=off"


def smp(domain: Domain) -> Words:
    """How many processors there are, and how they are laid out."""
    most, first = most_processors(domain), processors(domain)
    if more := plugged(domain):
        domain.leave_out(Uncovered("<vcpus>", _PLUGGED.format(more)))
    said = [str(first), *([f"maxcpus={most}"] if most != first else [])]
    layout = domain.part("cpu/topology")
    usual = {"sockets": most, "dies": 1, "clusters": 1, "cores": 1, "threads": 1}
    if layout.get("sockets"):
        usual = {name: count(layout, name) or 1 for name in usual}
    else:
        usual = {"sockets": most, "cores": 1, "threads": 1}
    yield from ("-smp", ",".join((*said, *(f"{name}={n}" for name, n in usual.items()))))


def io_threads(domain: Domain) -> Words:
    """The I/O threads, and the main loop where its pool is set."""
    given = {count(each, "id"): each for each in domain.element.iterfind("iothreadids/iothread")}
    wanted = number(text(domain.element, "iothreads"), "<iothreads>") or len(given)
    numbers = [each for each in given if each is not None]
    free = (n for n in range(1, wanted + len(numbers) + 1) if n not in numbers)
    while len(numbers) < wanted:
        numbers.append(next(free))
    for each in numbers:
        named = given.get(each)
        element = Element("iothread") if named is None else named
        poll = part(element, "poll")
        yield from option(
            "object",
            {
                "qom-type": "iothread",
                "id": f"iothread{each}",
                **_pool(element),
                "poll-max-ns": count(poll, "max"),
                "poll-grow": count(poll, "grow"),
                "poll-shrink": count(poll, "shrink"),
            },
        )
    if (default := domain.element.find("defaultiothread")) is not None:
        fields: dict[str, Value] = {"qom-type": "main-loop", "id": "main-loop"}
        yield from option("object", {**fields, **_pool(default)})


def _pool(element: Element) -> dict[str, Value]:
    return {
        "thread-pool-min": count(element, "thread_pool_min"),
        "thread-pool-max": count(element, "thread_pool_max"),
    }
