"""Stage zoning: figures per zone, class, reasons, flips, confidence, gaps, actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa

from zonnekaart.config import share_folder
from zonnekaart.io.rules import RuleFile, read_rules
from zonnekaart.io.vector import read_geoparquet, read_parquet, write_geoparquet, write_parquet
from zonnekaart.pipelines.advised_zones import COLUMN_TYPES as ADVISED_TYPES
from zonnekaart.pipelines.advised_zones import OUTPUT as ADVISED
from zonnekaart.pipelines.advised_zones import advised_zones
from zonnekaart.pipelines.constraints import constraint_files, with_constraints
from zonnekaart.pipelines.load_profiles import profile_titles
from zonnekaart.pipelines.mv_capacity import mv_columns, mv_paths
from zonnekaart.pipelines.runs import Stage, StageContext
from zonnekaart.pipelines.sentences import privacy_sentence, zone_sentence
from zonnekaart.pipelines.visibility import VISIBILITY
from zonnekaart.pipelines.zone_actions import ACTION_EFFECT, ActionTable, action_files
from zonnekaart.pipelines.zone_figures import Frames, ZoneTable, zone_table
from zonnekaart.pipelines.zone_gaps import (
    CERTAINTY_TEXT,
    GAP_EFFECT,
    RANKING,
    certainties,
    gap_effects,
    gap_ranking,
)
from zonnekaart.pipelines.zone_grid import CABIN_AREAS, CABIN_MEMBERS, assumptions, zone_grid
from zonnekaart.pipelines.zone_levers import LEVERS, offered_rules, zone_levers
from zonnekaart.pipelines.zone_overrides import (
    OVERRIDE_TYPE,
    override_records,
    require_sound_overrides,
    require_zones,
    sentences_by_hand,
    set_classes,
    with_figures,
)
from zonnekaart.pipelines.zone_parts import zone_parts
from zonnekaart.pipelines.zone_scenarios import OUTPUT as SCENARIO_ZONES
from zonnekaart.pipelines.zone_scenarios import (
    scenario_files,
    scenario_parameters,
    zone_scenarios,
)
from zonnekaart.pipelines.zone_thinness import thinness
from zonnekaart.quantities import INDICATORS, LANGUAGES, ZONE_CLASSES
from zonnekaart.zoning.actions import Advice, ranked_gaps
from zonnekaart.zoning.classes import classify
from zonnekaart.zoning.confidence import Confidence, Sampling, class_confidence
from zonnekaart.zoning.flips import Flip, nearest_flips
from zonnekaart.zoning.privacy import PrivacyRule, Suppression, suppress
from zonnekaart.zoning.rules import Fired, fired_per_zone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from zonnekaart.config import Project
    from zonnekaart.zoning.rules import ClassRule

OUTPUT = "zones.parquet"
FRAMES = (
    ("policy_zones.parquet", "roofs"),
    ("buildings.parquet", "roofs"),
    ("roof_planes.parquet", "roofs"),
    ("demand.parquet", "demand"),
    ("demand_areas.parquet", "demand"),
    ("balance.parquet", "balance"),
)
_READS = (*FRAMES, (CABIN_AREAS, "grid"), (CABIN_MEMBERS, "grid"))
SITES = "supply_sites.parquet"

_FIRED = pa.struct(
    [
        ("rule_id", pa.string()),
        ("indicator", pa.string()),
        ("value", pa.float64()),
        ("threshold", pa.float64()),
        ("unit", pa.string()),
        ("severity", pa.string()),
        ("comparison", pa.string()),
        ("subject", pa.string()),
    ]
)
_FLIP = pa.struct(
    [
        ("rule_id", pa.string()),
        ("indicator", pa.string()),
        ("value", pa.float64()),
        ("flips_at", pa.float64()),
        ("unit", pa.string()),
        ("to_class", pa.string()),
    ]
)
COLUMN_TYPES: dict[str, pa.DataType] = {
    "class_probabilities": pa.struct([(name, pa.float64()) for name in ZONE_CLASSES]),
    "indicators": pa.struct([(name, pa.float64()) for name in INDICATORS]),
    "bottlenecks": pa.list_(_FIRED),
    "opportunities": pa.list_(_FIRED),
    "flips": pa.list_(_FLIP),
    "gaps": pa.list_(pa.string()),
    "gap_effects": pa.list_(GAP_EFFECT),
    "actions": pa.list_(pa.string()),
    "action_effects": pa.list_(ACTION_EFFECT),
    "certainty": pa.string(),
    "certainty_text": CERTAINTY_TEXT,
    "privacy_note": pa.string(),
    "overrides": OVERRIDE_TYPE,
    "sentence": pa.struct([(language, pa.string()) for language in LANGUAGES]),
}
"""Arrow types of the nested columns of ``zones.parquet``."""


def rule_file(project: Project) -> RuleFile:
    """Return the rule set that a project names."""
    return read_rules(project.zoning.rules, project.folder, share_folder("data") / "rules")


def _inputs(project: Project, build: Path) -> list[Path]:
    reads = [name for name, _ in _READS] + ([SITES] if project.inputs.sites else []) + [VISIBILITY]
    found = [build / name for name in reads if (build / name).exists()] + constraint_files(build)
    found += scenario_files(project, build) + action_files(project)
    found += [project.resolve(path) for path in mv_paths(project)]
    for rules in offered_rules(project):
        found += [path for path in rules.paths if path not in found]
    return found


def _parameters(project: Project) -> dict[str, Any]:
    return {
        "zoning": project.zoning.model_dump(mode="json"),
        "privacy": project.privacy.model_dump(mode="json"),
        "survey_year": project.roofs.survey_year,
        "footprints_derived": project.inputs.buildings.derived,
        "profiles": profile_titles(project),
        "language": project.project.language,
        "region": project.project.region,
        "scenarios": scenario_parameters(project),
        "grid": project.grid.model_dump(mode="json"),
        "mv_capacity": mv_columns(project),
    }


def read_frames(context: StageContext) -> Frames:
    """Read what earlier stages wrote of zones, buildings and demand."""
    paths = {name: context.built(name, stage) for name, stage in FRAMES}
    return Frames(
        zones=read_geoparquet(paths["policy_zones.parquet"]),
        buildings=with_constraints(read_geoparquet(paths["buildings.parquet"]), context.build),
        planes=read_parquet(
            paths["roof_planes.parquet"],
            ["building_id", "roof_area_m2", "usable_area_m2", "annual_irradiation_kwh_m2"],
        ),
        demand=read_parquet(paths["demand.parquet"]),
        areas=read_parquet(paths["demand_areas.parquet"]),
        balance=read_parquet(paths["balance.parquet"]),
        sites=_sites(context),
        privacy=privacy_rule(context.project),
        views=_views(context),
    )


def _sites(context: StageContext) -> pd.DataFrame | None:
    """Return what sites could add; None when the project names none."""
    if not context.project.inputs.sites:
        return None
    names = ["capacity_kwp", "annual_yield_kwh", "annual_yield_low_kwh", "annual_yield_high_kwh"]
    return read_parquet(context.built(SITES, "sites"), ["zone_id", *names])


def _views(context: StageContext) -> pd.DataFrame | None:
    """Return what is seen of planes that can bear panels; None before anyone looked."""
    path = context.build / VISIBILITY
    if not path.exists():
        return None
    planes = context.built("roof_planes.parquet", "roofs")
    capacity = read_parquet(planes, ["building_id", "plane_id", "capacity_kwp"])
    views = read_parquet(path, ["plane_id", "visible_share", "seen_from"])
    return capacity.merge(views, on="plane_id", how="left")


def work(context: StageContext) -> dict[str, Any]:
    """Read what earlier stages wrote, judge every zone, write zones and their levers."""
    project = context.project
    rules = rule_file(project)
    frames = read_frames(context)
    assumed = assumptions(project, rules)
    grid = zone_grid(context, frames, assumed)
    table = zone_table(frames, grid)
    hidden = suppress(*zone_parts(frames), privacy_rule(project))
    require_sound_overrides(project)
    require_zones(project, table.zone_ids, ~hidden.published)
    found = table.masked(~hidden.published)
    shown = with_figures(found, project.zoning.overrides)
    judged = judge(shown, rules, project, thinness(table, project, rules, grid.from_operator))
    judged["sentence"] = pd.Series(
        sentences_by_hand(project, table.zone_ids, judged["sentence"].tolist()), dtype=object
    )
    judged["computed_class"] = _computed(found, rules)
    judged["overrides"] = pd.Series(
        override_records(project, found, judged["computed_class"].tolist()), dtype=object
    )
    judged["published"] = hidden.published
    judged["privacy_note"] = _privacy_notes(hidden, rules, project)
    ordered = [c for c in judged.columns if c != "geometry"]
    frame = gpd.GeoDataFrame(judged[[*ordered, "geometry"]], crs=frames.zones.crs)
    write_geoparquet(
        frame,
        context.build / OUTPUT,
        {"rule_set": f"{rules.rule_set.id} {rules.rule_set.version}"},
        COLUMN_TYPES,
    )
    write_parquet(gap_ranking(judged), context.build / RANKING)
    write_parquet(
        zone_scenarios(context, frames, ~hidden.published), context.build / SCENARIO_ZONES
    )
    levers = zone_levers(context, frames, ~hidden.published, offered_rules(project))
    write_parquet(levers, context.build / LEVERS)
    advised = advised_zones(frame, project)
    write_geoparquet(advised, context.build / ADVISED, None, ADVISED_TYPES)
    facts = _facts(frame, hidden, rules, grid.from_operator)
    return facts | {"headroom_method": assumed.method, "advised_zones": len(advised)}


def judge(
    table: ZoneTable, rules: RuleFile, project: Project, thin: list[tuple[str, ...]]
) -> pd.DataFrame:
    """
    Judge zones by their figures: everything shown of a zone follows from these figures alone.

    Parameters
    ----------
    table : ZoneTable
        Figures per zone, with demand removed where it may not be shown.
    rules : RuleFile
        Rules, class steps, texts, assumptions.
    project : Project
        Draws, seed, language, classes set by hand.
    thin : list of tuple of str
        What is thin in each zone's data.

    Returns
    -------
    DataFrame
        The columns of ``zones.parquet`` but for ``published``, ``privacy_note``,
        ``computed_class`` and ``overrides``.
    """
    steps_of = rules.rule_set.class_rules
    zones = len(table.zone_ids)
    codes, steps = classify(steps_of, table.indicators, (zones,))
    ruled = set_classes(project, table.zone_ids, steps_of, (codes, steps))
    sure = _confidence(table, rules, project)
    flips = nearest_flips(steps_of, table.indicators, table.inputs, sure.spread)
    fired = fired_per_zone(rules.rule_set.rules, table.indicators, table.kinds)
    advice = [
        Advice(_deciding(steps_of, code, step), tuple(found), missing)
        for code, step, found, missing in zip(codes, steps, fired, thin, strict=True)
    ]
    figures = [{n: float(table.indicators[n][z]) for n in INDICATORS} for z in range(zones)]
    classes = [ZONE_CLASSES[code] for code in codes]
    words, certainty_texts = certainties(classes, sure.probabilities, rules)
    prospects = ActionTable(project)
    ranked = [prospects.ranked(a, values) for a, values in zip(advice, figures, strict=True)]
    return pd.DataFrame(
        {
            "zone_id": table.zone_ids,
            "name": table.names,
            "geometry": table.geometry,
            "kind": table.kinds,
            "zone_class": classes,
            "confidence": sure.probabilities[np.arange(zones), codes],
            "class_probabilities": [
                dict(zip(ZONE_CLASSES, map(float, row), strict=True)) for row in sure.probabilities
            ],
            "indicators": figures,
            "bottlenecks": [_fired_rows(found, "bottleneck") for found in fired],
            "opportunities": [_fired_rows(found, "opportunity") for found in fired],
            "flips": [
                [] if by_hand else [_flip_row(flip) for flip in found]
                for found, by_hand in zip(flips, ruled, strict=True)
            ],
            "gaps": [ranked_gaps(a, rules.gap_sources) for a in advice],
            "gap_effects": gap_effects(table, rules, project, thin),
            "actions": [order for order, _ in ranked],
            "action_effects": [effects for _, effects in ranked],
            "certainty": words,
            "certainty_text": certainty_texts,
            "sentence": [
                zone_sentence(rules.texts, name, a.step.id if a.step else "", values)
                for name, a, values in zip(classes, advice, figures, strict=True)
            ],
        }
    )


def _computed(table: ZoneTable, rules: RuleFile) -> list[str]:
    """Return the class of each zone as its figures give it."""
    shape = (len(table.zone_ids),)
    codes, _ = classify(rules.rule_set.class_rules, table.indicators, shape)
    return [ZONE_CLASSES[code] for code in codes]


def _deciding(steps: Sequence[ClassRule], code: int, step: int) -> ClassRule | None:
    """
    Return the step that speaks for a zone's class.

    A zone where a missing figure ended the search is spoken for by the last step, when that is
    the one for what is not known; never by the step that could not be decided.
    """
    name = ZONE_CLASSES[code]
    for found in (steps[step] if step >= 0 else None, steps[-1]):
        if found is not None and found.zone_class == name:
            return found
    return None


def _confidence(table: ZoneTable, rules: RuleFile, project: Project) -> Confidence:
    if project.zoning.draws == 0:
        unknown = np.full((len(table.zone_ids), len(ZONE_CLASSES)), np.nan)
        return Confidence(unknown, {})
    sampling = Sampling(project.zoning.draws, project.zoning.seed, rules.uncertainty)
    return class_confidence(
        rules.rule_set.class_rules, table.indicators, table.inputs, table.zone_ids, sampling
    )


def _fired_rows(found: list[Fired], kind: str) -> list[dict[str, Any]]:
    return [
        {
            "rule_id": f.rule.id,
            "indicator": f.rule.condition.indicator,
            "value": f.value,
            "threshold": f.rule.condition.threshold,
            "unit": f.rule.condition.unit,
            "severity": f.rule.severity,
            "comparison": f.rule.condition.comparison,
            "subject": f.rule.subject,
        }
        for f in found
        if f.rule.kind == kind
    ]


def _flip_row(flip: Flip) -> dict[str, Any]:
    return {
        "rule_id": flip.rule_id,
        "indicator": flip.indicator,
        "value": flip.value,
        "flips_at": flip.flips_at,
        "unit": flip.unit,
        "to_class": flip.to_class,
    }


def privacy_rule(project: Project) -> PrivacyRule:
    """Return what a published figure must satisfy."""
    table = project.privacy
    return PrivacyRule(table.k, table.dominance, table.min_buildings)


def _privacy_notes(hidden: Suppression, rules: RuleFile, project: Project) -> list[str | None]:
    reasons: dict[str, np.ndarray] = {
        "few": hidden.few,
        "dominated": hidden.dominated,
        "secondary": hidden.secondary,
        "unknown": hidden.unknown,
    }
    notes: list[str | None] = [None] * hidden.few.size
    for why, where in reasons.items():
        text = privacy_sentence(rules.texts, why, project.privacy)[project.project.language]
        for zone in np.flatnonzero(where):
            notes[zone] = text
    return notes


def _facts(
    frame: gpd.GeoDataFrame, hidden: Suppression, rules: RuleFile, from_operator: np.ndarray
) -> dict[str, Any]:
    return {
        "zones": len(frame),
        "classes": {name: int((frame["zone_class"] == name).sum()) for name in ZONE_CLASSES},
        "rule_set": {"id": rules.rule_set.id, "version": rules.rule_set.version},
        "rules": len(rules.rule_set.rules),
        "published": int(hidden.published.sum()),
        "suppressed": {
            "few": int(hidden.few.sum()),
            "dominated": int(hidden.dominated.sum()),
            "unknown": int(hidden.unknown.sum()),
            "secondary": int(hidden.secondary.sum()),
        },
        "areas_whose_source_exposes_a_zone": len(hidden.exposed_areas),
        "zones_with_overrides": int(frame["overrides"].map(len).astype(bool).sum()),
        "zones_with_operator_cabins": int(from_operator.sum()),
    }


STAGE = Stage(
    name="zoning",
    inputs=_inputs,
    parameters=_parameters,
    outputs=(OUTPUT, ADVISED, RANKING, SCENARIO_ZONES, LEVERS),
    work=work,
)
