"""Rule files: the presets are sound, and every fault says file, rule, found, expected, hint."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from zonnekaart.errors import MissingInputError, RulesError
from zonnekaart.io.rules import read_rules, rule_paths
from zonnekaart.quantities import LANGUAGES, QUANTITIES, ZONE_CLASSES, ZONE_KINDS

PRESETS = Path(__file__).resolve().parents[3] / "data" / "rules"
DEFAULT = (PRESETS / "default.toml").read_text(encoding="utf-8")
NAMES = ("default", "voorzichtig", "ambitieus")


def read(text, tmp_path):
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    return read_rules("own.toml", tmp_path, PRESETS)


@pytest.fixture(params=NAMES)
def preset(request):
    return read_rules(request.param, Path(), PRESETS)


def test_presets_hold_enough_rules_of_both_kinds(preset):
    kinds = [rule.kind for rule in preset.rule_set.rules]
    assert kinds.count("bottleneck") >= 8
    assert kinds.count("opportunity") >= 8
    assert {step.zone_class for step in preset.rule_set.class_rules} == set(ZONE_CLASSES)
    assert preset.rule_set.class_rules[-1].zone_class == "onbekend"


def test_every_rule_names_its_source_and_ids_of_the_matrices(preset):
    for rule in (*preset.rule_set.rules, *preset.rule_set.class_rules):
        assert re.search(r"https?://|eigen keuze", rule.source), rule.id
        assert all(re.fullmatch(r"rec(0[1-9]|1[0-8])", a) for a in rule.actions), rule.id
        assert all(re.fullmatch(r"MIS-(0[1-9]|1\d|2[0-2])", g) for g in rule.gaps), rule.id


def test_ids_stand_in_the_matrices_of_this_repository(preset):
    matrix = PRESETS.parent / "matrix"
    text = "".join(p.read_text(encoding="utf-8") for p in sorted(matrix.rglob("*.yaml")))
    known = set(re.findall(r"^\s*-?\s*id: '?([\w-]+)'?\s*$", text, flags=re.M))
    rules = (*preset.rule_set.rules, *preset.rule_set.class_rules)
    asked = {i for rule in rules for i in (*rule.actions, *rule.gaps)}
    asked |= {i for sources in preset.gap_sources.values() for i in sources}
    assert asked <= known


def test_reasons_are_whole_sentences_in_three_languages(preset):
    for rule in preset.rule_set.rules:
        assert len({rule.reason[lang] for lang in LANGUAGES}) == 3
        for text in rule.reason.values():
            assert text.rstrip()[-1] == "."
            assert text[0].isupper()


def test_units_are_those_of_the_register(preset):
    for rule in preset.rule_set.rules:
        assert rule.condition.unit == QUANTITIES[rule.condition.indicator].unit


def test_a_short_file_changes_only_what_it_names():
    base, cautious = (read_rules(n, Path(), PRESETS) for n in ("default", "voorzichtig"))
    assert cautious.rule_set.rule("net-vol").condition.threshold == 0.8
    assert cautious.rule_set.rule("net-krap").when[0].threshold == 0.8
    assert cautious.rule_set.rule("goede-zon") == base.rule_set.rule("goede-zon")
    assert cautious.cabins.reverse_limit.central < base.cabins.reverse_limit.central
    assert cautious.cabins.classes_kva == base.cabins.classes_kva
    assert [p.name for p in cautious.paths] == ["voorzichtig.toml", "default.toml"]


def test_a_municipality_may_copy_and_edit(tmp_path):
    edited = DEFAULT.replace('id = "default"', 'id = "gemeente"', 1)
    found = read(edited.replace("threshold = 700.0", "threshold = 300.0"), tmp_path)
    assert found.rule_set.id == "gemeente"
    assert found.rule_set.rule("veel-vermogen").condition.threshold == 300.0


def test_a_rule_is_asked_in_all_kinds_of_zone_or_in_those_it_names(tmp_path):
    rules = read_rules("default", Path(), PRESETS).rule_set.rules
    assert {rule.zone_kinds for rule in rules} == {ZONE_KINDS}
    text = (PRESETS / "default.toml").read_text(encoding="utf-8")
    once = text.replace('kinds = ["any"]', 'kinds = ["block"]', 1)
    (tmp_path / "own.toml").write_text(once, encoding="utf-8")
    own = read_rules("own.toml", tmp_path, PRESETS)
    assert own.rule_set.rules[0].zone_kinds == ("block",)
    (tmp_path / "own.toml").write_text(once.replace('"block"', '"street"'), encoding="utf-8")
    with pytest.raises(RulesError, match=r"net-vol.*kinds.*street.*street_segment"):
        read_rules("own.toml", tmp_path, PRESETS)


def test_presets_are_found_from_any_folder_and_own_files_beside_the_project(tmp_path):
    assert rule_paths("ambitieus", tmp_path, PRESETS)[0] == PRESETS / "ambitieus.toml"
    (tmp_path / "own.toml").write_text(DEFAULT, encoding="utf-8")
    assert rule_paths("own", tmp_path, PRESETS) == (tmp_path / "own.toml",)


def once(old, new):
    assert old in DEFAULT, old
    return DEFAULT.replace(old, new, 1)


FAULTS = {
    "no toml": (lambda: DEFAULT + "\n[[", "", "TOML"),
    "unknown key": (lambda: once("weight = 1.5", "wieght = 1.5"), "net-vol", "unknown key"),
    "unknown top key": (lambda: once("[title]", "colour = 1\n[title]"), "colour", "unknown key"),
    "unknown indicator": (
        lambda: once('indicator = "additional_kwp"', 'indicator = "additional_kw"'),
        "veel-vermogen",
        "additional_kw",
    ),
    "wrong unit": (lambda: once('unit = "kWp"', 'unit = "MWp"'), "veel-vermogen", "kWp"),
    "percent for a share": (
        lambda: once("threshold = 0.3\n", "threshold = 30.0\n"),
        "eigen-gebruik-laag",
        "between 0 and 1",
    ),
    "threshold no number": (
        lambda: once("threshold = 700.0", 'threshold = "700"'),
        "veel-vermogen",
        "'700'",
    ),
    "threshold nan": (lambda: once("threshold = 700.0", "threshold = nan"), "veel-vermogen", "nan"),
    "missing language": (
        lambda: re.sub(r'(id = "goede-zon".*?)\nfr = [^\n]*', r"\1", DEFAULT, count=1, flags=re.S),
        "goede-zon",
        "nl, fr and en",
    ),
    "duplicate id": (lambda: once('id = "gever"', 'id = "ontvanger"'), "ontvanger", "used twice"),
    "unknown class": (
        lambda: once('class = "vraag"', 'class = "vragen"'),
        "vraag-zonder-dak",
        "vragen",
    ),
    "unknown severity": (
        lambda: once('severity = "high"', 'severity = "grave"'),
        "net-vol",
        "grave",
    ),
    "unknown placeholder": (
        lambda: once("Er past nog {value} bij", "Er past nog {waarde} bij"),
        "veel-vermogen",
        "{waarde}",
    ),
    "no value in a reason": (
        lambda: once("Er past nog {value} bij", "Er past nog wat bij"),
        "veel-vermogen",
        "without {value}",
    ),
    "broken braces": (
        lambda: once("Er past nog {value} bij", "Er past nog {value bij"),
        "veel-vermogen",
        "braces",
    ),
    "cabins in MVA": (
        lambda: once("[100.0, 160.0, 250.0, 400.0, 630.0]", "[0.1, 0.16, 0.25]"),
        "classes_kva",
        "MVA",
    ),
    "range upside down": (
        lambda: once("low = 0.5, central = 0.7", "low = 0.7, central = 0.5"),
        "reverse_limit",
        "rising",
    ),
    "contradiction": (
        lambda: once(
            'indicator = "self_consumption"\ncomparison = ">="\nthreshold = 0.5',
            'indicator = "self_consumption"\ncomparison = "<"\nthreshold = 0.3',
        ),
        "eigen-gebruik-hoog",
        "same condition",
    ),
    "a sentence for no class": (
        lambda: once('[[sentences]]\nclass = "vraag"', '[[sentences]]\nclass = "toets"'),
        "sentences",
        "none for vraag",
    ),
    "a sentence for a step that is not there": (
        lambda: once('step = "delen-met-andere-zones"', 'step = "delen-met"'),
        "step",
        "delen-met",
    ),
    "a step that hides the rest": (
        lambda: re.sub(
            r'(id = "vraag-zonder-dak".*?)all = [^\n]*', r"\1all = []", DEFAULT, count=1, flags=re.S
        ),
        "vraag-zonder-dak",
        "never be tried",
    ),
    "a translation that is a copy": (
        lambda: re.sub(
            r'(id = "gever".*?\nnl = )([^\n]*)\nfr = [^\n]*',
            r"\1\2\nfr = \2",
            DEFAULT,
            count=1,
            flags=re.S,
        ),
        "gever",
        "same text as in nl",
    ),
    "a threshold at the very end": (
        lambda: once('comparison = ">="\nthreshold = 0.8', 'comparison = ">"\nthreshold = 1.0'),
        "ontvanger",
        "between 0 and 1",
    ),
    "a range of when that is empty": (
        lambda: once('comparison = "<=", threshold = 1.0', 'comparison = "<=", threshold = 0.4'),
        "net-krap",
        "no value meets",
    ),
    "a warning and an invitation that overlap": (
        lambda: once(
            'comparison = "<"\nthreshold = 0.3\n', 'comparison = "<"\nthreshold = 0.55\n'
        ),
        "eigen-gebruik-hoog",
        "overlaps bottleneck 'eigen-gebruik-laag'",
    ),
    "a step that an earlier one covers": (
        lambda: once(
            'all = [{ indicator = "self_consumption", comparison = ">=", threshold = 0.3',
            'all = [{ indicator = "self_consumption", comparison = ">=", threshold = 0.6',
        ),
        "eigen-gebruik-gewoon",
        "'eigen-gebruik-meeste' comes first",
    ),
    "a step of which two earlier ones leave nothing": (
        lambda: once(
            'all = [{ indicator = "headroom_ratio", comparison = ">", threshold = 2.0',
            'all = [{ indicator = "self_consumption", comparison = "<", threshold = 0.2, '
            'unit = "-" }, { indicator = "headroom_ratio", comparison = "<", threshold = 2.0',
        ),
        "overschot-rest",
        "never reached",
    ),
    "likely above sure": (
        lambda: once("likely = 0.6", "likely = 0.9"),
        "confidence.likely",
        "0.9",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_with_its_place(fault, tmp_path):
    text, place, found = FAULTS[fault]
    with pytest.raises(RulesError) as caught:
        read(text(), tmp_path)
    facts = caught.value.facts()
    if fault != "no toml":  # the parser says the line in its own words
        line = int(re.search(r"own\.toml:(\d+): ", facts["file"])[1])
        assert 1 <= line <= len(text().splitlines())
    assert "own.toml" in facts["file"]
    assert place in facts["file"]
    assert found in " ".join(facts.values())
    assert facts["hint"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('based_on = "default"\n[thresholds]\nnet-voll = 1.0\n', "net-voll"),
        ('based_on = "default"\n[class_thresholds]\ndelen-in-de-zone = { x = 1.0 }\n', "x"),
        ('based_on = "voorzichtig"\n', "itself based"),
        ("based_on = 3\n", "3"),
    ],
)
def test_a_short_file_that_names_what_is_not_there_is_refused(text, found, tmp_path):
    with pytest.raises(RulesError, match=found):
        read(f'id = "own"\nversion = "1.0.0"\ndate = "2026-01-01"\n{text}', tmp_path)


def test_a_rule_set_that_is_not_there_lists_those_that_are(tmp_path):
    with pytest.raises(MissingInputError, match="ambitieus, default, voorzichtig"):
        read_rules("deault", tmp_path, PRESETS)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("threshold = 700.0", "threshold = -3.0"),
        ('indicator = "additional_kwp"', 'indicator = "additional_kw"'),
        ('unit = "kWp"', 'unit = "kW"'),
        ('severity = "medium"\nweight = 0.9\nsubject = "sharing"', 'severity = "x"'),
        ("Er past nog {value} bij", "Er past nog {waarde} bij"),
    ],
)
def test_the_line_is_that_of_the_fault(old, new, tmp_path):
    text = once(old, new)
    with pytest.raises(RulesError) as caught:
        read(text, tmp_path)
    line = int(re.search(r"own\.toml:(\d+): ", caught.value.subject)[1])
    assert new in text.splitlines()[line - 1]


def test_what_is_missing_is_told_with_the_line_of_its_table(tmp_path):
    text = re.sub(r'(id = "goede-zon".*?)\nfr = [^\n]*', r"\1", DEFAULT, count=1, flags=re.S)
    with pytest.raises(RulesError) as caught:
        read(text, tmp_path)
    line = int(re.search(r"own\.toml:(\d+): ", caught.value.subject)[1])
    lines = text.splitlines()
    assert lines[line - 1] == "[rules.reason]"
    assert 'id = "goede-zon"' in lines[line - 14 : line]


HEAD = 'id = "own"\nversion = "1.0.0"\ndate = "2026-01-01"\nbased_on = "default"\n'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[thresholds]\nerfgoed = 0.1\ngoede-zon = -5.0\n", 7),
        ("[thresholds]\neigen-gebruik-laag = 0.9\n", 6),
        ("[thresholds]\ngoede-zon = 'veel'\n", 6),
        ("[when]\nnet-krap = { headroom_ratio = 0.1 }\n", 6),
        ("[when]\nnet-krap = 0.1\n", 6),
        ("thresholds = 3\n", 5),
        ("[class_thresholds]\neigen-gebruik-gewoon = { self_consumption = 0.7 }\n", 6),
        ("[headroom]\nreverse_limit = { low = 0.9, central = 0.7, high = 0.9 }\n", 6),
    ],
)
def test_a_short_file_is_blamed_for_what_it_changes(text, line, tmp_path):
    with pytest.raises(RulesError) as caught:
        read(HEAD + text, tmp_path)
    assert f"own.toml:{line}: " in caught.value.subject


def test_a_fault_of_the_base_is_told_in_the_base(tmp_path):
    (tmp_path / "base.toml").write_text(once("weight = 1.5", "weight = -1.5"), encoding="utf-8")
    with pytest.raises(RulesError, match=r"base\.toml:\d+: rules\.'net-vol'\.weight"):
        read(HEAD.replace('"default"', '"base.toml"'), tmp_path)
