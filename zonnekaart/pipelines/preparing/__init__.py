"""From downloaded files to the layers that a project reads; each step leaves a record."""
