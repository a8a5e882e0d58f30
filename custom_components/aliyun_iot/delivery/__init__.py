"""From a state to a confirmed value: live, and read back from the recorder."""
