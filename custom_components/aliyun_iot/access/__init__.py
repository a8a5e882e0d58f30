"""Access: the device's identity, its way to the platform, and its secret."""
