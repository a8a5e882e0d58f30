"""Every fault that can come between a value and the cloud, and what became of the values."""
