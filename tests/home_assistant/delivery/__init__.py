"""Values from a state in Home Assistant to the platform, live and read back."""
