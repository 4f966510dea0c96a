"""Builds from repositories of rpms: metadata signed and verified, packages by their digests."""
