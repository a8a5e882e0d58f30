"""What Home Assistant's recorder has: values to read back, and how an entity has been."""
