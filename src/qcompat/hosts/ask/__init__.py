"""Asking this machine: its builds over QMP, its kernel through /proc and /dev/kvm."""
