"""A real Home Assistant with a demo home, beside the platform's emulator."""
