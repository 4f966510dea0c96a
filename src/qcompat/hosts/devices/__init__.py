"""What hosts make of a guest's devices: features by property, what to set so that all agree."""
