"""What `qcompat cpu` answers: text, arguments, XML of libvirt, JSON."""
