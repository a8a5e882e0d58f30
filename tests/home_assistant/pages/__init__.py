"""The pages of the options."""
