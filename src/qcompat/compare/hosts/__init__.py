"""What two hosts make different for one guest: its network devices, its processor."""
