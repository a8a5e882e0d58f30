"""Real sockets to the emulator."""
