"""The grid: areas of cabins, and the capacity left on medium voltage."""

from zonnekaart.quantities.kinds import row

GRID = (
    row("cabin_id", "text", "cabine|cabine|cabin", "Identity of a distribution cabin."),
    row("origin", "text", "herkomst|origine|origin",
        "Whose the area is: given, voronoi (nearest to a given cabin) or generated (our guess)."),
    row("headroom_source", "text", "bron ruimte|source de la marge|headroom source",
        "Whether the operator gave headroom, rating, or neither: then it is an estimate."),
    row("headroom_method", "text", "methode ruimte|méthode de la marge|headroom method",
        "Name of the method whose bands the range follows."),
    row("rated_low_kva", "rating", "cabinevermogen, laag|puissance de cabine, bas|"
        "cabin rating, low", "Low end of the rating of the cabins of an area."),
    row("rated_kva", "rating", "cabinevermogen|puissance de cabine|cabin rating",
        "Rating of the cabins that serve an area, customers' own included."),
    row("rated_high_kva", "rating", "cabinevermogen, hoog|puissance de cabine, haut|"
        "cabin rating, high", "High end of the rating of the cabins of an area."),
    row("own_kva", "rating", "eigen cabines|cabines propres|own cabins",
        "Part of the rating that stands at customers with a cabin of their own."),
    row("given_headroom_kw", "power", "ruimte volgens netbeheerder|marge du gestionnaire|"
        "headroom by operator", "Room for more solar power as the operator gives it."),
    row("unknown_panels_kwp", "peak", "panelen niet gekend|panneaux inconnus|panels not known",
        "Potential on roofs of which it is not known whether panels stand there."),
    row("mv_headroom_kw", "power", "ruimte op middenspanning|marge en moyenne tension|"
        "medium-voltage headroom", "Smallest published capacity on medium voltage that applies; "
        "shared by all who hang on it, never added up, never added to low voltage."),
)  # fmt: skip
