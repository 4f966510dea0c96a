"""Network: a tap for each back end that offers the guest offloads, a hub port for the others.

User-mode networks stay, cut off from the host (`restrict=on`): each has a section of its own in
the stream (net/slirp.c), numbered in the order in which QEMU makes them. No other kind of network
has one, 5.2 to 10.2.

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
_CUT_OFF = ("restrict", "on")
_MODERN = frozenset({"dgram", "stream"})
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
    ordered = sorted(options, key=_turn)
    made: list[Option] = []
    uncovered: list[Uncovered] = []
    number = 0
    for option in ordered:
        if option.name in {"netdev", "nic"} and option.get("type") != "none":
            made.append(option.having(_stand_in(option, number)))
            uncovered += _lost(option)
            number += 1
        elif option.name == "net" and option.get("type") == "user":
            made.append(option.having((*option.only("type", "id").pairs, _CUT_OFF)))
        elif option.name != "net" or option.get("type") in {"nic", "none"}:
            made.append(option)
    return Replaced((*made, *_no_default(options, made)), tuple(uncovered))


def _turn(option: Option) -> int:
    """Networks in the order in which QEMU makes them; other options first.

    `-netdev` in JSON comes before the others, `-nic` after them, `-net` last (net/net.c,
    net_init_clients and netdev_is_modern, 7.2 to 10.2).
    """
    if option.name == "netdev":
        is_modern = option.get("type") in _MODERN or option.written.startswith("-netdev {")
        return 1 if is_modern else 2
    return {"nic": 3, "net": 4}.get(option.name, 0)


def _no_default(options: Sequence[Option], made: Sequence[Option]) -> Iterable[Option]:
    """`-net tap` alone leaves the guest without a card; its absence would add the default one."""
    names = {"net", "netdev", "nic"}
    if names & {o.name for o in options} and not names & {o.name for o in made}:
        yield Option(name="net", pairs=(("type", "none"),))


def _stand_in(option: Option, number: int) -> Pairs:
    own = (
        option.only("id").pairs if option.name == "netdev" else option.only(*_NIC_KEYS, "id").pairs
    )
    if option.get("type") == "user":
        return (("type", "user"), *own, _CUT_OFF)
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
