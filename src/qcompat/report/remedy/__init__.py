"""A remedy as text to be pasted: for QEMU, libvirt, Proxmox and a packager's compat table."""
