"""Quantities of advised zones: neighbouring zones of one class as one area."""

from __future__ import annotations

from zonnekaart.quantities.kinds import row

ADVISED = (
    row("advised_id", "text", "adviesgebied|zone conseillée|advised zone",
        "Identifier of one advised zone."),
    row("member_zones", "texts", "zones erin|zones réunies|zones in it",
        "Identifiers of the zones that an advised zone is made of."),
    row("member_classes", "texts", "klassen van die zones|classes de ces zones|their classes",
        "Class of each zone in an advised zone, in the order of `member_zones`."),
    row("zones", "count", "aantal zones|nombre de zones|number of zones",
        "Number of zones in an advised zone."),
    row("zones_with_demand", "count", "zones met vraag|zones avec demande|zones with demand",
        "Number of zones whose demand may be shown; the consumption is the sum of those only."),
    row("shared_bottlenecks", "records", "gedeelde knelpunten|goulets communs|"
        "shared bottlenecks", "Bottlenecks of an advised zone, with how many of its zones have "
        "them."),
    row("shared_opportunities", "records", "gedeelde kansen|opportunités communes|"
        "shared opportunities", "Opportunities of an advised zone, with how many of its zones "
        "have them."),
)  # fmt: skip
