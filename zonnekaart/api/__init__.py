"""The map server: reads what publish wrote, never computes it."""
