"""What is where in the state of a virtio device; what it means is in `decode.virtio`."""
