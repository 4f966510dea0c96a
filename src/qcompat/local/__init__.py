"""This machine: where the files of the user lie, writing them whole, whether KVM serves."""
