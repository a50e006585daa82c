"""Colours, classes and map style, shared by live map and exports."""
