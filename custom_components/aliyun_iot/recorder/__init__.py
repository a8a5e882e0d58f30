"""The past of entities in Home Assistant's recorder: numbers seen, and traffic."""
