"""Checks of a project's input, one module per kind of input."""
