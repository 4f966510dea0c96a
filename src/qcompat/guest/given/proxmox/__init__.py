"""A guest of Proxmox VE from its configuration: the command line that qemu-server would make.

`document` reads `/etc/pve/qemu-server/ID.conf`, `convert` puts the line together, each other module
writes one part of it. `facts.toml` holds where Proxmox places devices, and `boards.toml` the files
that its lines name by `-readconfig`. Read from qemu-server 9.2 (src/PVE/QemuServer*).
"""
