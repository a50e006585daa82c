"""Photovoltaics, consumption, balance and sharing: arrays in, arrays out."""
