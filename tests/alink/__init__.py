"""The library, tested without Home Assistant's fixtures."""
