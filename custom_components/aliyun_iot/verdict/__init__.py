"""The platform's view of the published properties, and the repair of what it does not take."""
