"""Whether a QEMU virtual machine can live-migrate from one QEMU build to another, and back."""

__version__ = "0.1.0"
