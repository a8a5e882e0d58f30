"""From Home Assistant's states to the thing model's properties."""
