"""Control from the cloud, in Home Assistant and over real sockets to the emulator."""
