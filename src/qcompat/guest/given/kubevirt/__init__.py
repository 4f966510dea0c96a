"""A VirtualMachineInstance of KubeVirt, as the domain that its virt-launcher would define.

`resource` finds the instances of a document, `machine` and `devices` write the domain's XML, as
pkg/virt-launcher/virtwrap/converter of KubeVirt 1.9 does; `guest.given.domain` reads that. What
only the cluster or the node knows is named.
"""
