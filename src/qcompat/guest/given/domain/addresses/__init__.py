"""Where devices go that have no address, as libvirt assigns them."""
