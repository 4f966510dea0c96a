"""The words of QEMU's command line for each part of a domain, in libvirt's order."""
