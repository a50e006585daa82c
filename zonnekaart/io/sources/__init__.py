"""Readers of what others publish; their field names and conventions end here."""
