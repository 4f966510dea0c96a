"""Packages and images of whatever origin become a root: read as data, nothing in them is run."""
