"""Sun, sky and shade on surfaces: arrays in, arrays out."""
