"""What CPU models are defined as: by the capture's own build, else by the builds at hand."""
