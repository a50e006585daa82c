"""One page per zone, on paper or as HTML."""
