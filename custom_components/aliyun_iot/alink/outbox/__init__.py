"""What waits until the platform has confirmed it; time is handed in."""
