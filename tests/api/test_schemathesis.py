"""Every address of the description, asked with wishes that fit and wishes that do not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error

from zonnekaart.api.app import create_app
from zonnekaart.config import Settings

_TOLD = json.loads(Path(__file__).with_name("openapi.json").read_text("utf-8"))["paths"]
OPERATIONS = sorted((path, method.upper()) for path, told in _TOLD.items() for method in told)

LAYERS = (None, "zones", "buildings", "hillshade")


@pytest.fixture(scope="module")
def schema(build, web):
    """The description of the server on the sample."""
    app = create_app(Settings(build=build, web=web))
    return schemathesis.openapi.from_asgi("/api/openapi.json", app)


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_no_wish_breaks_the_server(schema, path, method):
    operation = schema[path][method]
    fitting = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    wishes = fitting
    if operation.path_parameters or operation.query or operation.body:
        wishes = st.one_of(fitting, operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))

    @settings(
        max_examples=20,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=wishes, layer=st.sampled_from(LAYERS))
    def ask(case: schemathesis.Case, layer: str | None) -> None:
        # Made-up names are turned away at the door; behind it stand the real ones.
        if layer is not None and "layer" in (case.path_parameters or {}):
            case.path_parameters["layer"] = layer
        case.call_and_validate(checks=[not_a_server_error])

    ask()
