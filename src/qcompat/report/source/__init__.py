"""What QEMU's source says, and what its lints found: one file a form."""
