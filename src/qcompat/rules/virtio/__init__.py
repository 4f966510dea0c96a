"""Virtio devices: features, queues, configuration, and what they save of themselves."""
