"""The platform's view of the published properties."""
