"""Thing model: the definition of each property, and the files for the console."""
