"""The domain XML of libvirt, made into the words with which libvirt would start its QEMU.

`document` parses, `domain` is what is read, `defaults` adds what libvirt adds to a new definition,
`addresses/` places devices as libvirt does, `line/` writes the words. Read from libvirt 11.3
(src/conf/domain_postparse.c, src/qemu/qemu_postparse.c, qemu_domain_address.c, qemu_command.c), and
held against the pairs of its own tests (`tools.libvirt_pairs`).
"""
