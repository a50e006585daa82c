"""Quantities of what people on the street see of roofs."""

from __future__ import annotations

from zonnekaart.quantities.kinds import row

VISIBILITY = (
    row("visible_share", "share", "zichtbaar deel|part visible|visible share",
        "Share of a roof plane that someone on the public domain sees; trees in the heights hide "
        "what stands behind them."),
    row("street_views", "count", "kijkpunten|points de vue|viewpoints",
        "Points on the public domain from which a piece of the roof plane is seen, on average."),
    row("nearest_view_m", "length", "dichtste kijkpunt|point de vue le plus proche|"
        "nearest viewpoint", "Distance to the nearest point that sees the roof plane; unknown "
        "where none does."),
    row("seen_from", "text", "gezien vanaf|vu depuis|seen from",
        "roads (the streets that were given), open_ground (an upper bound) or unknown."),
    row("visible_capacity_share", "share", "zichtbaar vermogen|puissance visible|"
        "visible capacity", "Share of the capacity on roof planes of which at least a tenth is "
        "seen from the public domain."),
    row("heritage_visible_share", "share", "zichtbaar erfgoed|patrimoine visible|"
        "visible heritage", "Share of the capacity on heritage, on roof planes of which at least a "
        "tenth is seen from the public domain: they need a permit check."),
    row("heritage_hidden_share", "share", "onzichtbaar erfgoed|patrimoine non visible|"
        "hidden heritage", "Share of the capacity on heritage, on other roof planes; they need a "
        "check as well."),
)  # fmt: skip
