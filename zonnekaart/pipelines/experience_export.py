"""The experience matrix as XLSX, Markdown and HTML: needs joined to rules, actions and examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from zonnekaart.config import share_folder
from zonnekaart.errors import ConfigError
from zonnekaart.io.experience import Experience, Need
from zonnekaart.io.files import write_text
from zonnekaart.io.matrix import Matrix, matrix_folder
from zonnekaart.io.matrix_properties import read_labels
from zonnekaart.io.report import texts, write_page
from zonnekaart.io.rules import read_rules
from zonnekaart.io.sheets import Column, Sheet, markdown, write_xlsx
from zonnekaart.quantities import LANGUAGES, QUANTITIES

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = ("xlsx", "md", "html")
_HEATS = {"yes": "good", "partly": "fair", "no": "poor"}
_EXAMPLES = 3
_LISTS = tuple(name for name in Experience.model_fields if name not in {"links", "needs"})


def export(matrix: Matrix, kind: str, out: Path, language: str = "nl") -> None:
    """
    Write the experience matrix, atomically.

    Parameters
    ----------
    matrix : Matrix
        Both matrices.
    kind : {"xlsx", "md", "html"}
        The format.
    out : Path
        The file.
    language : {"nl", "fr", "en"}
        Language of the joined table, and the one that an HTML page opens in.

    Raises
    ------
    ConfigError
        If the format is not known.
    """
    if kind == "xlsx":
        write_xlsx(out, [coverage_sheet(matrix, language), *list_sheets(matrix)], metadata(matrix))
    elif kind == "md":
        tables = [coverage_sheet(matrix, language), *list_sheets(matrix)]
        head = ["# Experience matrix", "", *(f"- {k}: {v}" for k, v in metadata(matrix).items())]
        write_text(out, "\n".join([*head, "", *map(markdown, tables)]))
    elif kind == "html":
        _write_html(matrix, out, language)
    else:
        raise ConfigError("--format", repr(kind), f"one of: {', '.join(FORMATS)}", "correct it")


def metadata(matrix: Matrix) -> dict[str, str]:
    """Return what every file says of itself."""
    return {
        "title": "zonnekaart experience matrix",
        "compiled": matrix.compiled,
        "limits": "Compiled from public pages, paraphrased; lessons, needs and how far they are "
        "served are our own judgement. Verify a row at its address before you rely on it.",
        "unknown": "An empty cell is not known; it is not 0.",
        "licence": "Descriptions: CC0-1.0.",
    }


def joined(matrix: Matrix) -> list[dict[str, Any]]:
    """
    Return each need with group, feature, rules, figures, actions and examples, as texts.

    Parameters
    ----------
    matrix : Matrix
        Both matrices.

    Returns
    -------
    list of dict
        Texts are mappings of language to text; lists of them where there are several.
    """
    experience = matrix.experience
    groups = {row.id: row for row in experience.stakeholders}
    actions = {row.id: row for row in experience.recommendations}
    links = {link.recommendation: link.projects for link in experience.links}
    projects = {row.id: row for row in experience.sharing_projects}
    found = read_rules("default", matrix_folder(), share_folder("data") / "rules").rule_set.rules
    figures = {rule.id: rule.condition.indicator for rule in found}
    rows = []
    for need in experience.needs:
        named = dict.fromkeys(p for r in need.recommendations for p in links.get(r, ()))
        rows.append(
            {
                "id": need.id,
                "group": matrix.texts("stakeholders", groups[need.stakeholder], "group"),
                "feature": need.feature.model_dump(),
                "served": need.served,
                "lacking": None if need.lacking is None else need.lacking.model_dump(),
                "where": [f"{place.kind}: {place.address}" for place in need.where],
                "rules": need.rules,
                "figures": _figures(need, figures),
                "actions": [
                    matrix.texts("recommendations", actions[r], "policy_action")
                    for r in need.recommendations
                ],
                "examples": [
                    matrix.texts("sharing_projects", projects[p], "name")
                    for p in list(named)[:_EXAMPLES]
                ],
            }
        )
    return rows


def _figures(need: Need, figures: dict[str, str]) -> list[dict[str, str]]:
    names = dict.fromkeys([*(figures[rule] for rule in need.rules), *need.indicators])
    return [{lang: QUANTITIES[name].label[lang] for lang in LANGUAGES} for name in names]


def coverage_sheet(matrix: Matrix, language: str) -> Sheet:
    """Return the joined table in one language: from need to example."""
    words = read_labels(matrix_folder()).words["served"]
    rows = [
        {
            **row,
            "group": row["group"][language],
            "feature": row["feature"][language],
            "served": getattr(words[row["served"]], language),
            "lacking": None if row["lacking"] is None else row["lacking"][language],
            **{
                name: [text[language] for text in row[name]]
                for name in ("figures", "actions", "examples")
            },
        }
        for row in joined(matrix)
    ]
    units = {"served": " | ".join(getattr(word, language) for word in words.values())}
    names = ["id", "feature", "group", "served", "lacking", "where", "rules", "figures"]
    columns = [Column(name, units.get(name, "text")) for name in [*names, "actions", "examples"]]
    heats = [{"served": _HEATS[need.served]} for need in matrix.experience.needs]
    return Sheet("coverage", columns, rows, heats)


def list_sheets(matrix: Matrix) -> list[Sheet]:
    """Return the lists of the experience matrix as they were compiled."""
    sheets = []
    for name in _LISTS:
        (model,) = get_args(Experience.model_fields[name].annotation)
        columns = [
            Column(field, {"kwp": "kWp", "order": "number"}.get(field, "text"))
            for field in model.model_fields
        ]
        rows = [row.model_dump(mode="json") for row in getattr(matrix.experience, name)]
        sheets.append(Sheet(name, columns, rows))
    return sheets


def _write_html(matrix: Matrix, out: Path, language: str) -> None:
    labels = read_labels(matrix_folder()).model_dump(mode="json")
    write_page(
        out,
        "experience.html",
        {
            **texts("experience.yaml"),
            "language": language,
            "metadata": metadata(matrix),
            "compiled": matrix.compiled,
            "words": labels["words"],
            "heats": _HEATS,
            "needs": joined(matrix),
            "lists": {
                sheet.name: {"columns": [c.name for c in sheet.columns], "rows": sheet.rows}
                for sheet in list_sheets(matrix)
            },
        },
    )
