"""Network: a tap for each back end that offers the guest offloads, a hub port for the others.

A tap carries checksums and segmentation (the `vnet_hdr`), so virtio-net offers `csum`,
`host_tso4` and their like on it; on a user-mode or socket network it offers none of them, nor
on a hub port (net/net.c, qemu_has_vnet_hdr, 5.2 to 10.0). The taps are made in a private network
namespace; where this machine cannot make one, `guest.startable` replaces them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qcompat.guest.guest import Uncovered
from qcompat.guest.option import Option, Pairs
from qcompat.guest.stand_ins.replaced import Replaced

_NIC_KEYS = ("model", "mac", "macaddr", "addr", "vectors", "name")
_TAP_LIKE = frozenset({"tap", "bridge"})
_FOREIGN = {
    "vhost-user": "its features come from the vhost-user process, which is never connected",
    "vhost-vdpa": "its features come from the vDPA device, which is never opened",
    "netmap": "its features come from the netmap port, which is never opened",
}
_VHOST = (
    "vhost in the host's kernel decides on features of its own, and a stand-in cannot open it:"
    " packed, in_order, rss, hash, guest_rsc_ext, the USO and tunnel offloads are shown as QEMU"
    " alone offers them"
)


def replace(options: Sequence[Option]) -> Replaced:
    """Stand-ins for `-netdev`, `-nic` and `-net`, numbered in the order of a guest's arguments."""
    ordered = sorted(options, key=lambda option: option.name == "nic")
    made: list[Option] = []
    uncovered: list[Uncovered] = []
    number = 0
    for option in ordered:
        if option.name in {"netdev", "nic"} and option.get("type") != "none":
            made.append(option.having(_stand_in(option, number)))
            uncovered += _lost(option)
            number += 1
        elif option.name != "net" or option.get("type") in {"nic", "none"}:
            made.append(option)
    return Replaced((*made, *_no_default(options, made)), tuple(uncovered))


def _no_default(options: Sequence[Option], made: Sequence[Option]) -> Iterable[Option]:
    """`-net user` alone leaves the guest without a card; its absence would add the default one."""
    names = {"net", "netdev", "nic"}
    if names & {o.name for o in options} and not names & {o.name for o in made}:
        yield Option(name="net", pairs=(("type", "none"),))


def _stand_in(option: Option, number: int) -> Pairs:
    own = (
        option.only("id").pairs if option.name == "netdev" else option.only(*_NIC_KEYS, "id").pairs
    )
    if option.get("type") in _TAP_LIKE | _FOREIGN.keys():
        return (("type", "tap"), *own, *_tap(option, number))
    return (("type", "hubport"), *own, ("hubid", str(number)))


def _tap(option: Option, number: int) -> Pairs:
    script = (("ifname", f"qc{number}"), ("script", "no"), ("downscript", "no"))
    queues = option.get("queues") or str(len(option.get("fds").split(":")))
    several = (("queues", queues),) if queues != "1" else ()
    return (*script, *several, *option.only("vnet_hdr").pairs)


def _lost(option: Option) -> Iterable[Uncovered]:
    type_ = option.get("type")
    if type_ in _FOREIGN:
        yield Uncovered(option.written, _FOREIGN[type_] + "; a tap stands in for it")
    elif option.get("vhost") in {"on", "yes", "true"} or option.get("vhostforce") == "on":
        yield Uncovered(option.written, _VHOST)


def needs_taps(options: Iterable[Option]) -> bool:
    return any(o.name in {"netdev", "nic"} and o.get("type") == "tap" for o in options)
