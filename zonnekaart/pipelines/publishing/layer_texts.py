"""Names and limits of the layers of the map, in nl, fr, en."""

from __future__ import annotations

from zonnekaart.cartography.style import OUTSIDE

TITLES = {
    "zones": ("Zones", "Zones", "Zones"),
    "advised_zones": ("Adviesgebieden", "Zones conseillées", "Advised zones"),
    "buildings": ("Gebouwen", "Bâtiments", "Buildings"),
    "roof_planes": ("Dakvlakken", "Pans de toiture", "Roof planes"),
    "supply_sites": (
        "Parkings, gronden, water",
        "Parkings, terrains, eau",
        "Car parks, ground, water",
    ),
    "roof_visibility": (
        "Zichtbaar van op straat",
        "Visible depuis la rue",
        "Seen from the street",
    ),
    "cabin_areas": (
        "Cabines: ruimte voor zonnestroom",
        "Cabines : place pour le solaire",
        "Cabins: room for solar power",
    ),
    "roof_panels": ("Mogelijke panelen", "Panneaux possibles", "Possible panels"),
    "sharing_proposals": ("Deelvoorstellen", "Propositions de partage", "Sharing proposals"),
    "sharing_links": ("Wie samen deelt", "Qui partage ensemble", "Who shares together"),
    "background": ("Achtergrond", "Fond de carte", "Background"),
    "irradiation": ("Instraling per jaar", "Irradiation annuelle", "Annual irradiation"),
    "hillshade": ("Reliëf", "Relief", "Relief"),
    OUTSIDE: ("Achtergrond van buiten", "Fond externe", "Outside background"),
}
FROM_OPEN_GROUND = (
    "Zichtbaar vanaf open terrein (bovengrens)",
    "Visible depuis un terrain ouvert (borne haute)",
    "Seen from open ground (upper bound)",
)
LIMITS = {
    OUTSIDE: (
        "Komt van een andere server: werkt niet zonder internet, en die ziet wat u bekijkt.",
        "Vient d’un autre serveur : ne marche pas hors ligne, et il voit ce que vous regardez.",
        "Comes from another server: needs the internet, and that server sees what you look at.",
    ),
    "zones": (
        "Advieskaart: een klasse is een aanwijzing met een kans, geen vergunning.",
        "Carte de conseil : une classe est une indication avec une probabilité, pas un permis.",
        "Advisory map: a class is a pointer with a probability, not a permit.",
    ),
    "advised_zones": (
        "Buurzones van één klasse, samengevoegd; te kleine gaan op in een buur van een andere.",
        "Zones voisines d’une même classe, réunies ; les trop petites rejoignent une autre classe.",
        "Neighbouring zones of one class, merged; those too small join one of another class.",
    ),
    "buildings": (
        "Verbruik per gebouw wordt nooit getoond.",
        "La consommation par bâtiment n’est jamais montrée.",
        "Use per building is never shown.",
    ),
    "roof_planes": (
        "Dakvlakken uit hoogtemeting; draagkracht en dakramen zijn niet gekend.",
        "Pans déduits du relevé d’altitude ; portance et fenêtres de toit inconnues.",
        "Planes from the height survey; load-bearing and roof windows are not known.",
    ),
    "roof_visibility": (
        "Zichtlijnen over de hoogtemeting; bomen verbergen. Geen vergunning: vraag een toets.",
        "Lignes de vue sur le relevé ; les arbres cachent. Pas un permis : demandez un examen.",
        "Sight lines over the height survey; trees hide. Not a permit: ask for a check.",
    ),
    "supply_sites": (
        "Omtrekken kunnen fout of privaat zijn; waterdiepte, leidingen en vergunning niet gekend.",
        "Contours parfois faux ou privés ; profondeur, réseaux et permis inconnus.",
        "Outlines may be wrong or private; depth of water, pipes and permits are not known.",
    ),
    "cabin_areas": (
        "Een schatting als bereik, geen aansluitadvies. Een streepjeslijn is niet van de "
        "netbeheerder: ze volgt straten, geen kabels.",
        "Une estimation en fourchette, pas un avis de raccordement. Un trait discontinu n’est pas "
        "du gestionnaire : il suit les rues, pas les câbles.",
        "An estimate as a range, no advice on a connection. A dashed line is not the operator’s: "
        "it follows streets, not cables.",
    ),
    "roof_panels": (
        "Panelen die zouden passen, geen bestaande; draagkracht en dakramen zijn niet gekend.",
        "Panneaux qui tiendraient, pas existants ; portance et fenêtres de toit inconnues.",
        "Panels that would fit, not existing ones; load-bearing and roof windows are not known.",
    ),
    "sharing_proposals": (
        "Berekend, het beste eerst, elk gebouw één keer; zegt niets over wie wil delen.",
        "Calculé, le meilleur d’abord, chaque bâtiment une fois ; pas qui veut partager.",
        "Computed, best first, each building once; not who wants to share.",
    ),
    "sharing_links": (
        "Lijnen verbinden de gebouwen van een voorstel; niet wie aan wie levert of hoeveel.",
        "Les lignes relient les bâtiments d’une proposition ; pas qui fournit qui ni combien.",
        "Lines join the buildings of a proposal; not who supplies whom or how much.",
    ),
    "irradiation": (
        "Per m² hellend oppervlak, met schaduw; bomen en nieuwbouw zoals bij de meting.",
        "Par m² de surface inclinée, ombres comprises ; arbres et bâti comme au relevé.",
        "Per m² of sloped surface, shade included; trees and new buildings as surveyed.",
    ),
}
LIMITS_OF_CADASTRE = {
    "roof_planes": (
        "Dakvlakken zoals een bestaand kadaster ze geeft; onbekende helling of richting is gemeld.",
        "Pans tels qu’un cadastre existant les donne ; pente ou orientation inconnue signalée.",
        "Planes as an existing cadastre gives them; unknown tilt or direction is flagged.",
    ),
    "irradiation": (
        "Overgenomen uit een bestaand zonnekadaster; oppervlak en schaduw zoals de maker ze zag.",
        "Repris d’un cadastre solaire existant ; surface et ombres selon son auteur.",
        "Taken from an existing solar cadastre; surface and shade as its maker saw them.",
    ),
}
