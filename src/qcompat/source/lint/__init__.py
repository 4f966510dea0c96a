"""Lints of a change to QEMU's source. Pure: two linked trees in, findings out."""
