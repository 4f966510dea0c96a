"""What hosts give their guests: two compared, and the device properties for a pool."""
