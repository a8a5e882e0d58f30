"""What the recorder knows of the past."""
