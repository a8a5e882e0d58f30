"""Every way in: registration, credentials, connection."""
