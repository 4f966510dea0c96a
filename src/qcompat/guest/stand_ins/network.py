"""Network: a tap for each back end that offers the guest offloads, a hub port for the others.

User-mode networks stay, cut off from the host (`restrict=on`): each has a section of its own in
the stream (net/slirp.c), numbered in the order in which QEMU makes them. No other kind of network
has one, 5.2 to 10.2.

A vhost-user or vDPA network becomes a vhost-user network whose process takes every feature
(`qemu.supplies`): only on these may a card have transmit queues longer than 256
(hw/net/virtio-net.c, virtio_net_max_tx_queue_size, 7.2 to 10.2; 5.2 has them for vhost-user alone).

A tap carries checksums and segmentation (the `vnet_hdr`), so virtio-net offers `csum`,
`host_tso4` and their like on it; on a user-mode or socket network it offers none of them, nor
on a hub port (net/net.c, qemu_has_vnet_hdr, 5.2 to 10.0). The taps are made in a private network
namespace; where this machine cannot make one, `guest.startable` replaces them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qcompat.guest.guest import Loss, Uncovered
from qcompat.guest.option import Option, Pairs
from qcompat.guest.stand_ins.replaced import Replaced
from qcompat.qemu.supplies.names import VHOST_USER

_NIC_KEYS = ("model", "mac", "macaddr", "addr", "vectors", "name")
_CUT_OFF = ("restrict", "on")
_MODERN = frozenset({"dgram", "stream"})
_TAP_LIKE = frozenset({"tap", "bridge", "netmap"})
_NETMAP = "its features come from the netmap port, which is never opened; a tap stands in for it"
_PROCESS = {
    "vhost-user": "its features come from the vhost-user process, which is never connected; one"
    " that takes every feature, and lets the guest migrate, stands in for it",
    "vhost-vdpa": "its features come from the vDPA device, which is never opened, and so does"
    " whether the guest may migrate; a vhost-user process that takes every feature stands in",
}
_VHOST = (
    "vhost in the host's kernel decides on features of its own, and a stand-in cannot open it:"
    " packed, in_order, rss, hash, guest_rsc_ext, the USO and tunnel offloads are shown as QEMU"
    " alone offers them"
)


def replace(options: Sequence[Option]) -> Replaced:
    """Stand-ins for `-netdev`, `-nic` and `-net`, numbered in the order of a guest's arguments."""
    ordered = sorted(_without_sockets(options), key=_turn)
    made: list[Option] = []
    uncovered: list[Uncovered] = []
    number = 0
    for option in ordered:
        if option.name in {"netdev", "nic"} and option.get("type") != "none":
            made += _sockets(option, number)
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
    if option.get("type") in _PROCESS:
        queues = option.only("queues").pairs
        return (("type", "vhost-user"), *own, ("chardev", _socket(option, number)), *queues)
    if option.get("type") in _TAP_LIKE:
        return (("type", "tap"), *own, *_tap(option, number))
    return (("type", "hubport"), *own, ("hubid", str(number)))


def _without_sockets(options: Sequence[Option]) -> Iterable[Option]:
    """The options without the character devices of vhost-user networks, which are made anew."""
    taken = {o.get("chardev") for o in options if o.get("type") == "vhost-user"}
    return (o for o in options if o.name != "chardev" or o.get("id") not in taken)


def _sockets(option: Option, number: int) -> Iterable[Option]:
    if option.get("type") in _PROCESS:
        pairs = (("backend", "socket"), ("id", _socket(option, number)), ("path", VHOST_USER))
        yield Option("chardev", pairs)


def _socket(option: Option, number: int) -> str:
    return option.get("chardev") or f"qcv{number}"


def _tap(option: Option, number: int) -> Pairs:
    script = (("ifname", f"qc{number}"), ("script", "no"), ("downscript", "no"))
    queues = option.get("queues") or str(len(option.get("fds").split(":")))
    several = (("queues", queues),) if queues != "1" else ()
    return (*script, *several, *option.only("vnet_hdr").pairs)


def _lost(option: Option) -> Iterable[Uncovered]:
    type_ = option.get("type")
    if type_ == "netmap" or type_ in _PROCESS:
        loses: Loss = "nothing" if type_ == "vhost-user" else "state"
        yield Uncovered(option.written, _PROCESS.get(type_, _NETMAP), loses)
    elif option.get("vhost") in {"on", "yes", "true"} or option.get("vhostforce") == "on":
        yield Uncovered(option.written, _VHOST, "nothing")


def needs_taps(options: Iterable[Option]) -> bool:
    return any(o.name in {"netdev", "nic"} and o.get("type") == "tap" for o in options)
