"""Control: every kind of thing that the cloud can set, in a real Home Assistant."""
