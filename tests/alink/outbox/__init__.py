"""What waits, with time handed in."""
