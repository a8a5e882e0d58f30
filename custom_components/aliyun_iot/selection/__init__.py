"""Which entities are published."""
