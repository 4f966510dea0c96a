"""Devices that a live guest gets and loses while it runs: what can be plugged, and plugging it."""
