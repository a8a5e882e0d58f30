"""The sockets' own rules."""
