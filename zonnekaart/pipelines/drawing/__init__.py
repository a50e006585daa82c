"""Maps as drawn layers: one description, drawn by Leaflet, as SVG or by matplotlib."""
