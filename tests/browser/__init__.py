"""The integration in a real browser: clicked and typed through as a user does it, with screenshots."""
