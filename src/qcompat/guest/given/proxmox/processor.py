"""The processors of a guest: `-smp`, `-cpu`, and those that are plugged in at the start."""

from __future__ import annotations

import re

from qcompat.errors import GuestError
from qcompat.guest.given.form import shown
from qcompat.guest.given.proxmox.document import switch
from qcompat.guest.given.proxmox.facts import facts, vendor_of
from qcompat.guest.given.proxmox.line import Line

Flags = dict[str, str]
"""By name: `+` and `-`, or what stands behind the name (empty, `=0x1fff`)."""

_FLAG = re.compile(r"([+-])([a-zA-Z0-9._-]{1,64})", re.ASCII)
_MOST = 8192
_CUSTOM = "custom-"
_MODELS = "/etc/pve/virtual-guest/cpu-models.conf"


def counts(line: Line) -> tuple[int, int]:
    """Sockets, and cores of each. Errors: GuestError."""
    sockets = line.conf.number("sockets", line.conf.number("smp", 1))
    cores = line.conf.number("cores", 1)
    if sockets * cores > _MOST:
        raise GuestError(f"it has {sockets * cores} processors", f"QEMU has {_MOST} at most")
    return sockets, cores


def smp(line: Line) -> None:
    """The number of processors; with hot plug, all but the first are devices."""
    sockets, cores = counts(line)
    most = sockets * cores
    present = min(line.conf.number("vcpus", most), _MOST)
    plugged = "cpu" in hotplug(line) and line.since(2, 7)
    first = 1 if plugged else present
    line.option("smp", f"{first},sockets={sockets},cores={cores},maxcpus={most}")
    for number in range(1, present if plugged else 0):
        place = f"socket-id={number // cores},core-id={number % cores},thread-id=0"
        line.device(f"{_model(line)}-x86_64-cpu,id=cpu{number + 1},{place}")


def hotplug(line: Line) -> frozenset[str]:
    """What may be plugged, as far as it shows in the command line."""
    return frozenset(re.split(r"[,;\s]+", line.conf.get("hotplug")))


def cpu(line: Line, hides_kvm: bool, has_gpu: bool) -> None:
    """`-cpu`. Errors: GuestError."""
    if running := line.conf.get("runningcpu"):
        line.option("cpu", running)
        return
    given = line.conf.properties("cpu", "cputype")
    model = _model(line)
    kvm = line.conf.flag("kvm", True)
    flags = _own(line, model, kvm)
    if kvm:
        flags |= _hyper_v(line, given.get("hv-vendor-id", ""), has_gpu)
    flags |= _of_level(given.get("cputype", ""))
    flags |= _asked_for(line, given.get("flags", ""))
    if kvm and model != "host":
        flags["enforce"] = ""
    if switch(given.get("hidden"), "hidden", hides_kvm):
        flags["kvm"] = "=off"
    flags |= _vendor(line, model)
    written = "".join(f",{_written(name, flags[name])}" for name in sorted(flags))
    level = f",level={given['level']}" if "level" in given else ""
    line.option("cpu", f"{model}{level}{written}{_address_bits(given)}")


def _written(name: str, how: str) -> str:
    return f"{how}{name}" if how in ("+", "-") else f"{name}{how}"


def _model(line: Line) -> str:
    given = line.conf.properties("cpu", "cputype").get("cputype", "")
    if not given:
        return "kvm64" if line.conf.flag("kvm", True) else "qemu64"
    if given.startswith(_CUSTOM):
        what = f"the model is described in {_MODELS}, and kvm64 stands in for it"
        line.open(f"cpu: {given}", what)
        return "kvm64"
    if given in facts().cpu.levels:
        return "qemu64"
    return facts().cpu.renamed.get(given, given)


def _own(line: Line, model: str, kvm: bool) -> Flags:
    """What Proxmox sets of itself."""
    flags: Flags = {}
    if model == "kvm64":
        flags["lahf_lm"] = "+"
    if model in ("kvm64", "kvm32"):
        flags["sep"] = "+"
    if line.conf.get("ostype") == "solaris":
        flags["x2apic"] = "-"
    if model.startswith("Opteron"):
        flags["rdtscp"] = "-"
    if kvm and line.since(2, 3):
        flags |= {"kvm_pv_unhalt": "+", "kvm_pv_eoi": "+"}
    return flags | _of_installed(line, model)


def _of_installed(line: Line, model: str) -> Flags:
    """Features that are switched off where the QEMU installed has them, from 11.0 on.

    A machine of 11.0 says that it has. For an older one it is open, which only a guest with the
    host's own processor notices: no other model has them.
    """
    features = ["cet-ibt", "cet-ss"] if line.windows >= 11 else []
    if line.since(11, 0):
        return dict.fromkeys(features, "-")
    features += ["vmx-mbec"] if model == "host" else []
    if features:
        line.open(
            f"-cpu {model}",
            f"with an installed QEMU of 11.0 or later, {', '.join(features)} are switched off",
            "state" if model == "host" else "nothing",
        )
    return {}


def _hyper_v(line: Line, vendor: str, has_gpu: bool) -> Flags:
    if line.windows < 6 or (line.conf.get("bios") == "ovmf" and line.windows < 8):
        return {}
    flags = {"hv_vendor_id": f"={vendor or 'proxmox'}"} if vendor or has_gpu else {}
    flags["hv_spinlocks"] = "=0x1fff" if line.since(2, 3) else "=0xffff"
    if line.since(2, 3):
        flags |= {"hv_vapic": "", "hv_time": ""}
    if line.since(2, 6):
        flags |= {"hv_reset": "", "hv_vpindex": "", "hv_runtime": ""}
    if line.windows >= 7:
        flags["hv_relaxed"] = ""
        if line.since(2, 12):
            flags |= {"hv_synic": "", "hv_stimer": ""}
        if line.since(3, 1):
            flags["hv_ipi"] = ""
    if line.windows >= 11 and line.since(11, 0, 2):
        line.open("-cpu hv_evmcs", "the host's processor is taken for one of Intel, which has it")
        line.guarded(11, 0, 2)
        flags["hv_evmcs"] = ""
    return flags


def _of_level(model: str) -> Flags:
    return dict.fromkeys(facts().cpu.levels.get(model, "").split(), "+")


def _asked_for(line: Line, text: str) -> Flags:
    flags: Flags = {}
    for part in filter(None, text.split(";")):
        found = _FLAG.fullmatch(part)
        if found is None:
            raise GuestError(f"cpu: {shown(part)} is no flag", "write +FLAG or -FLAG")
        if found[2] == "nested-virt":
            line.open("cpu: nested-virt", "the host's processor decides whether it is vmx or svm")
        else:
            flags[found[2]] = found[1]
    return flags


def _vendor(line: Line, model: str) -> Flags:
    vendor = vendor_of(model)
    if vendor is None:
        line.open(f"cpu: {model}", "the vendor that Proxmox VE sets for it is not known here")
    return {"vendor": f"={vendor}"} if vendor else {}


def _address_bits(given: dict[str, str]) -> str:
    written = f",guest-phys-bits={bits}" if (bits := given.get("guest-phys-bits")) else ""
    if own := given.get("phys-bits"):
        written += ",host-phys-bits=true" if own == "host" else f",phys-bits={own}"
    return written
