"""What waits until the platform has confirmed it; only the pump looks at clocks."""
