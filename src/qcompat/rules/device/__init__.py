"""Devices off PCI, and the properties of all."""
