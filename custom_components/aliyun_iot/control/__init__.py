"""Control: what the cloud may do at home, how it is done, and how it is told."""
