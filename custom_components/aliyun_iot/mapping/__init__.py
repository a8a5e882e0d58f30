"""Mapping: from Home Assistant's states to the thing model's properties."""
