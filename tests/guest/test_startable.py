"""Networks: what gets a tap, and what is left without one."""

import pytest

from qcompat.guest.arguments import parse
from qcompat.guest.startable import without_taps


def netdev(text: str) -> str:
    guest = parse(["-netdev", text])
    return guest.arguments[guest.arguments.index("-netdev") + 1]


@pytest.mark.parametrize(
    ("given", "stand_in"),
    [
        ("tap,id=n,ifname=tap7", "tap,id=n,ifname=qc0,script=no,downscript=no"),
        ("bridge,id=n,br=br0", "tap,id=n,ifname=qc0,script=no,downscript=no"),
        ("tap,id=n,fds=3:4", "tap,id=n,ifname=qc0,script=no,downscript=no,queues=2"),
        ("tap,id=n,vnet_hdr=off", "tap,id=n,ifname=qc0,script=no,downscript=no,vnet_hdr=off"),
        ("user,id=n,hostfwd=tcp::22-:22,smb=/srv", "user,id=n,restrict=on"),
        ("vhost-vdpa,id=n,vhostdev=/dev/vhost-vdpa-0", "vhost-user,id=n,chardev=qcv0"),
        ("socket,id=n,listen=:1234", "hubport,id=n,hubid=0"),
        ('{"type":"stream","id":"n","addr":{"type":"unix","path":"/x"}}', "hubport,id=n,hubid=0"),
    ],
)
def test_a_stand_in_offers_what_the_backend_does(given: str, stand_in: str) -> None:
    assert netdev(given) == stand_in


def test_a_vhost_user_network_has_a_process_that_answers() -> None:
    socket = ("-chardev", "socket,id=c,path=/run/x,server=on")
    guest = parse([*socket, "-netdev", "vhost-user,id=n,chardev=c,queues=4,vhostforce=on"])
    assert guest.arguments[2:] == (
        *("-netdev", "vhost-user,id=n,chardev=c,queues=4"),
        *("-chardev", "socket,id=c,path=/qcompat/vhost-user"),
    )
    assert parse(guest.arguments).arguments == guest.arguments
    assert "features" in guest.uncovered[0].reason


def test_a_card_with_its_network_in_one_keeps_its_own_part() -> None:
    guest = parse(["-nic", "tap,model=virtio-net-pci,mac=52:54:00:00:00:07,br=br0,vhost=on"])
    assert guest.arguments[-1] == (
        "tap,model=virtio-net-pci,mac=52:54:00:00:00:07,ifname=qc0,script=no,downscript=no"
    )


def test_old_cards_stay_and_their_networks_go() -> None:
    guest = parse(["-net", "nic,model=e1000", "-net", "tap"])
    assert guest.arguments[2:] == ("-net", "nic,model=e1000")


def test_a_network_without_a_card_adds_none() -> None:
    assert parse(["-net", "tap"]).arguments[2:] == ("-net", "none")


def test_user_networks_keep_their_order_and_number() -> None:
    networks = ("-nic", "user", "-net", "user,hostname=h", "-netdev", "user,id=b", "-netdev")
    guest = parse([*networks, '{"type":"user","id":"a"}'])
    assert guest.arguments[2:] == (
        *("-netdev", "user,id=a,restrict=on", "-netdev", "user,id=b,restrict=on"),
        *("-nic", "user,restrict=on", "-net", "user,restrict=on"),
    )


def test_without_taps_the_lost_offloads_are_named() -> None:
    taps = ("-netdev", "tap,id=a,queues=2", "-nic", "tap,model=e1000")
    guest = parse([*taps, "-netdev", "l2tpv3,id=b"])
    swapped = without_taps(guest)
    assert swapped.arguments[2:] == (
        *("-netdev", "hubport,id=a,hubid=0", "-netdev", "hubport,id=b,hubid=1"),
        *("-nic", "hubport,model=e1000,hubid=2"),
    )
    assert not swapped.network_namespace
    assert len(swapped.uncovered) == 2
    assert all("host_tso4" in entry.reason for entry in swapped.uncovered)


def test_a_guest_without_taps_stays_as_it_is() -> None:
    guest = parse(["-netdev", "user,id=b"])
    assert without_taps(guest) == guest
