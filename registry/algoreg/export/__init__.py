"""Writes what the platform's own programs read: Woken's configuration, its catalogue, and scheduler jobs."""
