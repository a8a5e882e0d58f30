"""Everything that users do not download."""
