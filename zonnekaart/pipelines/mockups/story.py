"""A storyboard filled with the results of a project: what page, still and slide all tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zonnekaart.cartography.classes import CLASSES
from zonnekaart.cartography.numbers import indicator_text
from zonnekaart.pipelines.drawing.drawn import Note, Picture
from zonnekaart.pipelines.mockups.layers import drawn_layer
from zonnekaart.pipelines.mockups.said import figure_text
from zonnekaart.pipelines.mockups.scene import Asked
from zonnekaart.pipelines.mockups.words import mockup_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zonnekaart.io.storyboards import Language, Storyboard, Text
    from zonnekaart.io.themes import Theme
    from zonnekaart.pipelines.drawing.drawn import DrawnLayer
    from zonnekaart.pipelines.mockups.scene import Scene

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Story:
    """
    One storyboard with its answers.

    Parameters
    ----------
    board : Storyboard
        What is told.
    asked : Asked
        Results and language.
    theme : Theme
        Name and colours.
    layers, optional : sequence of DrawnLayer
        Drawn at once from below, and those that a reader may turn on.
    bounds : tuple of float
        West, south, east, north of the view. [m]
    notes : sequence of Note
        Remarks on the map.
    answers : sequence of tuple of str
        Symbol and class, zone and value of the answer, best first.
    figures : sequence of tuple of str
        Name and value with range.
    """

    board: Storyboard
    asked: Asked
    theme: Theme
    layers: Sequence[DrawnLayer]
    optional: Sequence[DrawnLayer]
    bounds: Bounds
    notes: Sequence[Note]
    answers: Sequence[tuple[str, str, str]]
    figures: Sequence[tuple[str, str]]

    @property
    def words(self) -> Mapping[str, str]:
        """Fixed texts."""
        return mockup_words(self.asked.language)

    @property
    def municipality(self) -> str:
        """Name on the page."""
        return self.theme.municipality or self.asked.scene.project.name

    @property
    def picture(self) -> Picture:
        """The map as it is drawn on paper."""
        return Picture(self.layers, self.bounds, self.notes, self.words)

    def text(self, text: Text | None) -> str:
        """Return a text of the storyboard in the language asked for, empty for none."""
        return "" if text is None else str(getattr(text, self.asked.language))

    def values(self) -> dict[str, Any]:
        """Return what the templates of page and still name."""
        info = self.asked.scene.project
        language = self.asked.language
        board = self.board
        return {
            "language": language,
            "labels": self.words,
            "theme": self.theme,
            "municipality": self.municipality,
            "board": {
                "title": self.text(board.title),
                "persona": self.text(board.persona),
                "question": self.text(board.question),
                "steps": [self.text(step) for step in board.steps],
                "version": board.version,
                "answer": self.text(board.answer.title) if board.answer else "",
                "legend": self.text(board.legend.title) if board.legend else "",
                "legend_note": self.text(board.legend.note) if board.legend else "",
            },
            "info": info,
            "summary": getattr(info.summary, language),
            "preset": getattr(info.preset.title, language),
            "figures": self.figures,
            "answers": self.answers,
            "layers": self.layers,
            "top": {
                key: [(row.name, getattr(row.reason, language)) for row in getattr(info, key)]
                for key in ("top_opportunities", "top_bottlenecks")
            },
        }


def tell(scene: Scene, board: Storyboard, language: Language, theme: Theme | None = None) -> Story:
    """
    Fill a storyboard with the results of a project.

    Parameters
    ----------
    scene : Scene
        Results.
    board : Storyboard
        What is told.
    language : {"nl", "fr", "en"}
        Language of every text.
    theme : Theme, optional
        Name and colours; those of the storyboard when None.
    """
    asked = Asked(scene, language)
    answers = scene.ranked(board.answer.indicator, board.answer.order) if board.answer else []
    return Story(
        board=board,
        asked=asked,
        theme=theme or board.look.theme,
        layers=[drawn_layer(asked, layer) for layer in board.layers],
        optional=[drawn_layer(asked, layer) for layer in board.optional],
        bounds=_bounds(scene, board, answers),
        notes=_notes(asked, board, answers),
        answers=_answers(asked, board, answers),
        figures=_figures(asked, board),
    )


def _figures(asked: Asked, board: Storyboard) -> list[tuple[str, str]]:
    words = mockup_words(asked.language)
    totals = asked.scene.project.totals
    rows = []
    for name in board.figures:
        found = getattr(totals, name)
        if hasattr(found, "value"):
            text = figure_text(name, found, asked.language)
        else:
            text = indicator_text(name, float("nan") if found is None else found, asked.language)
        rows.append((words[name], text))
    return rows


def _answers(asked: Asked, board: Storyboard, zones: list[str]) -> list[tuple[str, str, str]]:
    if board.answer is None:
        return []
    scene = asked.scene
    name = board.answer.indicator
    return [
        (
            CLASSES[scene.details[zone].zone_class].symbol,
            scene.details[zone].name,
            indicator_text(name, scene.figure(zone, name), asked.language),
        )
        for zone in zones[: board.answer.count]
    ]


def _target(scene: Scene, target: str, answers: list[str]) -> str | None:
    """Return the zone that a target stands for; None when the result has no such zone."""
    info = scene.project
    if target in {"top_opportunity", "top_bottleneck"}:
        rows = info.top_opportunities if target == "top_opportunity" else info.top_bottlenecks
        return rows[0].zone_id if rows else None
    if target == "first_answer":
        return answers[0] if answers else None
    if target == "largest_yield":
        return next(iter(scene.ranked("annual_yield_kwh", "highest")), None)
    sure = [(d.confidence, zone) for zone, d in scene.details.items() if d.confidence is not None]
    return min(sure)[1] if sure else None


def _bounds(scene: Scene, board: Storyboard, answers: list[str]) -> Bounds:
    focus = board.view.focus
    zone = None if focus == "all" else _target(scene, focus, answers)
    frame = scene.zones if zone is None else scene.zones[scene.zones["zone_id"] == zone]
    west, south, east, north = (float(v) for v in frame.total_bounds)
    around = max(east - west, north - south) * board.view.margin
    return west - around, south - around, east + around, north + around


def _notes(asked: Asked, board: Storyboard, answers: list[str]) -> list[Note]:
    """Hang the remarks on their zones; several on one zone share a box."""
    remarks: dict[str, list[str]] = {}
    for annotation in board.annotations:
        zone = _target(asked.scene, annotation.target, answers)
        if zone is not None:
            said = str(getattr(annotation.text, asked.language))
            remarks.setdefault(zone, []).append(said)
    scene = asked.scene
    return [
        Note(*scene.places[zone], texts, scene.details[zone].name)
        for zone, texts in remarks.items()
    ]
