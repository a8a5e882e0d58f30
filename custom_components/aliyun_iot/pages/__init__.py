"""The pages on which a person chooses what is published, and looks at it."""
