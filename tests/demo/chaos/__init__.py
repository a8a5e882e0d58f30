"""Chaos: random faults for minutes, several at once, and then a home that has to heal by itself."""
