"""Stages: read, call, write. Nothing clever."""
