"""What a host's kernel gives the backends of a guest's devices: taps, vhost, bridges."""
