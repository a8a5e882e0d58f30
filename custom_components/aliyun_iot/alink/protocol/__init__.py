"""What is said to the platform and what its answers mean; no input or output of its own."""
