"""How many processors a domain has, at its start and at most."""

from __future__ import annotations

from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.values import count, number, switch, text


def most_processors(domain: Domain) -> int:
    """The most processors that the guest can have."""
    return number(text(domain.element, "vcpu"), "<vcpu>") or 1


def processors(domain: Domain) -> int:
    """The processors that QEMU starts with: those that cannot be unplugged."""
    most = most_processors(domain)
    listed = domain.element.findall("vcpus/vcpu")
    if not listed:
        return count(domain.part("vcpu"), "current") or most
    return sum(
        switch(each, "enabled") is True and switch(each, "hotpluggable") is not True
        for each in listed
    )


def plugged(domain: Domain) -> int:
    """The processors that libvirt plugs into the guest before it runs."""
    return sum(
        switch(each, "enabled") is True and switch(each, "hotpluggable") is True
        for each in domain.element.findall("vcpus/vcpu")
    )
