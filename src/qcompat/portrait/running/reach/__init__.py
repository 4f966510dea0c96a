"""How a running guest is reached: its QMP socket, its process, or its libvirt domain."""
