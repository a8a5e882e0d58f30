"""Faults: every break that can come between a value and the cloud, and the fate of the values."""
