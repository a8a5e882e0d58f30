"""Pages: the options of an entry, over real sockets to the emulator."""
