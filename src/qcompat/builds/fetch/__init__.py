"""Builds and other files from Debian's packages: found by apt, verified, unpacked, registered."""
