"""Hostile input for the readers of migration streams, for hours where one has them."""
