"""The values that wait for the platform's confirmation. Only the pump looks at clocks; the rest is handed the time."""
