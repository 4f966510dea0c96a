"""PCI functions and their configuration space."""
