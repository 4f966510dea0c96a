"""The options of an instance in front of its devices: machine, processor, memory, firmware."""

from __future__ import annotations

from qcompat.errors import GuestError
from qcompat.guest.given.form import shown
from qcompat.guest.given.incus.instance import Instance, Memory, Topology
from qcompat.guest.given.tree import Node

_CODE = "/usr/share/OVMF/OVMF_CODE.4MB.fd"
_VARIABLES = "/usr/share/OVMF/OVMF_VARS.4MB.fd"
_MOST_CPUS = 64
_ENLIGHTENED = (
    *("hv_relaxed", "hv_vpindex", "hv_runtime", "hv_time", "hv_synic", "hv_stimer"),
    *("hv_tlbflush", "hv_ipi", "hv_frequencies", "hv_stimer_direct", "hv_xmm_input"),
    "hv_tlbflush_ext",
)


def front(instance: Instance) -> None:
    """What Incus gives QEMU as arguments. Errors: GuestError."""
    if uuid := instance.key("volatile.uuid"):
        instance.add("uuid", uuid)
    instance.add("cpu", _cpu(instance))
    instance.words += ("-nographic", "-serial", "chardev:console", "-nodefaults", "-no-user-config")


def _cpu(instance: Instance) -> str:
    """The processor of the start; that of a new start where none is kept. Errors: GuestError."""
    if known := instance.boot.cpu_type:
        return known
    instance.open("-cpu", "in a cluster it is kvm64 with the features of all hosts, taken as host")
    parts = ["host", *(_ENLIGHTENED if instance.may_move else ("hv_passthrough",))]
    if _topology(instance).threads > 1:
        parts.append("topoext")
    if instance.key("security.nesting").lower() in ("false", "0", "no", "off"):
        parts += ("-svm", "-vmx")
    if not instance.may_move:
        parts += ("migratable=no", "+invtsc")
    return ",".join(parts)


def _topology(instance: Instance) -> Topology:
    return instance.boot.cpu_topology or Topology()


def base(instance: Instance) -> None:
    """The machine, its sleep states and its clock. Errors: GuestError."""
    machine = instance.boot.machine_type
    if not machine:
        instance.open("machine", "the QEMU of the host decides which version of q35 it is")
    fields = f"graphics=off,type={machine or 'q35'},accel=kvm,usb=off"
    fields += ",kernel-irqchip=split" if instance.flag("security.iommu") else ""
    if instance.flag("security.sev"):
        instance.open("security.sev", "a guest with encrypted memory does not migrate", "migration")
    instance.write("machine", fields)
    instance.add("global", "ICH9-LPC.disable_s3=1")
    instance.add("global", "ICH9-LPC.disable_s4=0")
    instance.write("boot", "strict=on")


def memory(instance: Instance) -> Memory:
    """The memory of the start, and at most. Errors: GuestError."""
    if known := instance.boot.memory_topology:
        return known
    said = instance.key("limits.memory") or "1GiB"
    if said.endswith("%"):
        raise GuestError(f"limits.memory is {shown(said)} of the host's", "write it in GiB")
    size = Node(said, "limits.memory").bytes()
    hotplug = instance.key("limits.memory.hotplug").lower()
    if hotplug in ("false", "0", "no", "off"):
        return Memory(size, size)
    if hotplug and hotplug not in ("true", "1", "yes", "on"):
        most = Node(instance.key("limits.memory.hotplug"), "limits.memory.hotplug").bytes()
        return Memory(size, max(size, most))
    instance.open("-m maxmem", "the host's memory and processor say how much may be plugged")
    return Memory(size, size)


def processors_and_memory(instance: Instance) -> None:
    """`-m`, `-smp` and the one node of memory. Errors: GuestError."""
    size = memory(instance)
    base_size, most = size.base >> 20, size.max >> 20
    slots = ",slots=8" if base_size != most else ""
    instance.write("m", f"size={base_size}M,maxmem={most}M{slots}")
    topology = _topology(instance)
    count = topology.sockets * topology.cores * topology.threads
    if topology.is_fixed:
        counts = f"sockets={topology.sockets},cores={topology.cores},threads={topology.threads}"
        instance.write("smp", f"cpus={count},{counts}")
    else:
        instance.write("smp", f"cpus=1,maxcpus={most_processors(instance)}")
    if topology.vcpus is not None:
        what = "pinned processors have the nodes of the host's memory, taken as one"
        instance.open("limits.cpu", what)
    _node(instance, base_size)


def most_processors(instance: Instance) -> int:
    """How many processors may be plugged: the host's, 64 at most."""
    if instance.boot.max_cpus:
        return min(instance.boot.max_cpus, 4096)
    if not instance.boot.cpu_type:
        instance.open("-smp maxcpus", f"the host's processors, taken as {_MOST_CPUS}")
    return max(_MOST_CPUS, _topology(instance).cores)


def _node(instance: Instance, size: int) -> None:
    if instance.flag("limits.memory.hugepages"):
        kind = "memory-backend-file,id=mem0,mem-path=/dev/hugepages,prealloc=on,discard-data=on"
    else:
        kind = "memory-backend-memfd,id=mem0"
    instance.write("object", f"{kind},size={size}M,share=on")
    instance.write("numa", "type=node,nodeid=0,memdev=mem0")


def firmware(instance: Instance) -> None:
    """Code and variables in flash, unless the user's own options have a kernel or a BIOS."""
    own = instance.key("raw.qemu").split()
    if "-bios" in own or "-kernel" in own:
        return
    instance.write("drive", f"file={_CODE},if=pflash,format=raw,unit=0,readonly=on")
    instance.write("drive", f"file={_VARIABLES},if=pflash,format=raw,unit=1")


def tables(instance: Instance) -> None:
    """SMBIOS: the board, and strings of the user. Errors: GuestError."""
    instance.add("smbios", "type=2,manufacturer=LinuxContainers,product=Incus")
    for key, _ in instance.config.members():
        if key.startswith(("smbios11.", "systemd.credential")):
            instance.add("smbios", f"type=11,path=/run/incus/smbios11/{key.replace(',', ',,')}")
