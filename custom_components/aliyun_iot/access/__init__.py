"""How this home gets in: who the device is, where it connects, and its secret."""
