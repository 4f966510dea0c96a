"""What the hosts of the two ends give the guest, where their captures are known."""
