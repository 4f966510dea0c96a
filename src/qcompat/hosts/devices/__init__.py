"""What hosts do to a guest's devices: features by property, and what to set so that all agree."""
