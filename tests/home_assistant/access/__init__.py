"""Access: registration, credentials and the ways to connect, over real sockets to the emulator."""
