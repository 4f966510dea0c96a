"""One running QEMU: command line, launch, QMP session, its log."""
