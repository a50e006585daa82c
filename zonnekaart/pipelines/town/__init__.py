"""The embedded town: a made-up Flemish village, small, deterministic, with known truth."""

from zonnekaart.pipelines.town.write import Town, build_town, make_town

__all__ = ["Town", "build_town", "make_town"]
