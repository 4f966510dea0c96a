"""What QEMU's source says, for a reader at a terminal, one file an answer."""
