"""What the values in the state of a virtio device mean."""
