"""What each property was fixed to be, the files for the console, and whether the platform has it."""
