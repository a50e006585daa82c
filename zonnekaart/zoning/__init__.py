"""Rules, indicators and classes of zones: figures in, decisions out."""
