"""Which missing data would make zones surer, and how sure they are called now."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from zonnekaart.pipelines.sentences import Sentence, certainty_sentence
from zonnekaart.quantities import LANGUAGES, ZONE_CLASSES
from zonnekaart.zoning.classes import UNKNOWN_CLASS
from zonnekaart.zoning.confidence import Sampling
from zonnekaart.zoning.gap_effects import confidence_gains

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from zonnekaart.config import Project
    from zonnekaart.io.rules import RuleFile
    from zonnekaart.pipelines.zone_figures import ZoneTable

RANKING = "gap_ranking.parquet"
GAP_EFFECT = pa.struct([("source_id", pa.string()), ("confidence_gain", pa.float64())])
"""One missing source of a zone; the gain is NaN where no draw stands for what it would tell."""
CERTAINTY_TEXT = pa.struct([(language, pa.string()) for language in LANGUAGES])

INPUT_OF_GAP = {
    "headroom_estimated": "headroom",
    "demand_estimated": "demand",
    "demand_spread": "demand",
    "survey_old": "yield",
    "footprints_derived": "yield",
}
"""
Kind of thinness → the input of the draws that its sources would make known. Others (owners,
standing panels, profiles, demand that is not known at all) are not drawn: their gain is not known.
"""


def gap_effects(
    table: ZoneTable, rules: RuleFile, project: Project, thin: Sequence[tuple[str, ...]]
) -> list[list[dict[str, Any]]]:
    """
    Return per zone the missing sources with what each would add to the confidence.

    Parameters
    ----------
    table : ZoneTable
        Figures, with demand removed where it may not be shown.
    rules : RuleFile
        Class steps, assumptions, and which source mends which kind of thinness.
    project : Project
        Draws and seed; without draws no gain is known.
    thin : sequence of tuple of str, length zones
        What is thin in each zone.

    Returns
    -------
    list of list of dict
        Greatest gain first, gains that are not known last. A source that mends more than one
        input has the greater of their gains.
    """
    gains: dict[str, NDArray[np.float64]] = {}
    if project.zoning.draws > 0:
        sampling = Sampling(project.zoning.draws, project.zoning.seed, rules.uncertainty)
        gains = confidence_gains(
            rules.rule_set.class_rules, table.indicators, table.inputs, table.zone_ids, sampling
        )
    found = []
    for zone, kinds in enumerate(thin):
        best: dict[str, float] = {}
        for kind in kinds:
            named = INPUT_OF_GAP.get(kind)
            gain = float(gains[named][zone]) if named in gains else math.nan
            for source in rules.gap_sources.get(kind, ()):
                best[source] = float(np.fmax(best.get(source, math.nan), gain))
        order = sorted(best, key=lambda s: (math.isnan(best[s]), -np.nan_to_num(best[s]), s))
        found.append([{"source_id": s, "confidence_gain": best[s]} for s in order])
    return found


def demand_is_wide(table: ZoneTable, rules: RuleFile) -> NDArray[np.bool_]:
    """
    Tell where the interval of the demand is wider than an estimate's, though its total is known.

    Parameters
    ----------
    table : ZoneTable
        Figures as found.
    rules : RuleFile
        Its ``demand_relative`` is the half-width of an estimate.
    """
    names = ("consumption_low_kwh", "consumption_kwh", "consumption_high_kwh")
    low, central, high = (table.indicators[name] for name in names)
    wide: NDArray[np.bool_] = high - low > 2.0 * rules.uncertainty.demand_relative * central
    return wide


def gap_ranking(judged: pd.DataFrame) -> pd.DataFrame:
    """
    Rank the missing sources of a whole project: which to ask for first.

    Parameters
    ----------
    judged : DataFrame
        With ``gap_effects``, ``zone_class`` and ``indicators`` per zone.

    Returns
    -------
    DataFrame
        Per source: ``rank``, ``source_id``, ``zones_touched``, ``zones_undecided`` (of class
        onbekend), ``expected_zones`` (sum of the gains: so many more zones would have the right
        class), ``annual_yield_mwh`` of the zones it touches. First by expected zones, then by
        zones undecided, then by yield.
    """
    rows = [
        {
            "source_id": effect["source_id"],
            "zones_touched": 1,
            "zones_undecided": int(zone_class == UNKNOWN_CLASS),
            "expected_zones": effect["confidence_gain"],
            "annual_yield_mwh": figures["annual_yield_kwh"] / 1000.0,
        }
        for effects, zone_class, figures in zip(
            judged["gap_effects"], judged["zone_class"], judged["indicators"], strict=True
        )
        for effect in effects
    ]
    names = ["zones_touched", "zones_undecided", "expected_zones", "annual_yield_mwh"]
    frame = pd.DataFrame(rows, columns=["source_id", *names])
    groups = frame.groupby("source_id")
    sums = groups.sum().assign(expected_zones=groups["expected_zones"].sum(min_count=1))
    ranked = sums.reset_index().sort_values(
        ["expected_zones", "zones_undecided", "annual_yield_mwh", "source_id"],
        ascending=[False, False, False, True],
        na_position="last",
        ignore_index=True,
    )
    ranked.insert(0, "rank", np.arange(1, len(ranked) + 1))
    return ranked


def certainties(
    classes: Sequence[str], probabilities: NDArray[np.float64], rules: RuleFile
) -> tuple[list[str | None], list[Sentence | None]]:
    """
    Return how sure each zone's class is called, as a word and as a sentence.

    Parameters
    ----------
    classes : sequence of str, length zones
        Class of each zone.
    probabilities : ndarray of float64, shape (zones, classes)
        NaN without draws. [-]
    rules : RuleFile
        Limits and words.

    Returns
    -------
    words, sentences : list
        ``sure``, ``likely`` or ``doubt``; None for a zone of unknown class, and without draws.
    """
    words: list[str | None] = []
    sentences: list[Sentence | None] = []
    for name, row in zip(classes, probabilities, strict=True):
        own = ZONE_CLASSES.index(name)
        word = "" if name == UNKNOWN_CLASS else rules.certainty.word(float(row[own]))
        words.append(word or None)
        if not word:
            sentences.append(None)
            continue
        others = np.where(np.arange(len(ZONE_CLASSES)) == own, -1.0, row)
        second = ZONE_CLASSES[int(others.argmax())]
        sentences.append(certainty_sentence(rules.texts, word, name, second))
    return words, sentences
