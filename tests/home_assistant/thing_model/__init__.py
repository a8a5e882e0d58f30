"""The thing model: how properties are fixed, kept and written for the console."""
