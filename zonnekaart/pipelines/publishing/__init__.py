"""Pieces of the publish stage: what may leave, in which words, for which layer."""
