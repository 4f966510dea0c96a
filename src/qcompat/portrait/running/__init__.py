"""What a running guest has now, read from its QEMU's monitor without changing anything."""
