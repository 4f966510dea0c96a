"""Models of how QEMU loads a stream, that several rules share. No findings."""
