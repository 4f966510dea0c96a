"""Hostile input for every reader of foreign bytes, for hours where one has them."""
