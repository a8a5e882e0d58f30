"""The choice of entities, followed as they change."""
