"""``matrix check``: a broken row is found, with its file and line."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from pathlib import Path

import httpx
import pytest
import yaml

from zonnekaart.errors import TableError
from zonnekaart.io.matrix import load_matrix, matrix_folder
from zonnekaart.io.services.addresses import AddressBook
from zonnekaart.pipelines.matrix_check import addresses, check, check_addresses

TODAY = dt.date(2026, 12, 1)


@pytest.fixture
def copied(tmp_path):
    shutil.copytree(matrix_folder(), tmp_path / "matrix")
    return tmp_path / "matrix"


def line_at(place):
    """Return the text that a finding's ``file:line`` points at."""
    path, _, number = place.rpartition(":")
    return Path(path).read_text("utf-8").splitlines()[int(number) - 1]


def test_our_rows_pass_their_checks():
    assert check(today=TODAY) == []


def test_facts_older_than_a_year_are_told():
    (finding,) = check(today=dt.date(2028, 1, 1))
    assert finding.severity == "warning"
    assert finding.code == "matrix.old"
    assert "85 rows" in finding.found


def test_row_looked_up_again_is_not_old(copied):
    path = copied / "sources.yaml"
    text = path.read_text("utf-8").replace(
        "  - id: SUP-01\n", "  - id: SUP-01\n    checked: '2027-12-20'\n"
    )
    path.write_text(text, "utf-8")
    (finding,) = check(copied, today=dt.date(2028, 1, 1))
    assert "84 rows" in finding.found
    assert line_at(finding.file) == "  - id: SUP-02"


NEEDS = "experience/needs.yaml"


@pytest.mark.parametrize(
    ("name", "edit", "code", "line"),
    [
        ("sources.yaml", lambda r: r.append(dict(r[0])), "matrix.duplicate", "SUP-01"),
        ("missing.yaml", lambda r: r[0]["refs"].append("GRD-77"), "matrix.dangling", "refs"),
        (
            "experience/links.yaml",
            lambda r: r[0]["projects"].append("p99"),
            "matrix.dangling",
            "projects",
        ),
        (NEEDS, lambda r: r[0]["rules"].append("geen-regel"), "matrix.dangling", "rules"),
        (NEEDS, lambda r: r[3]["indicators"].append("joy"), "matrix.dangling", "indicators"),
    ],
)
def test_broken_rows_are_found_with_their_line(copied, name, edit, code, line):
    change(copied / name, Path(name).stem, edit)
    (finding,) = check(copied, today=TODAY)
    assert finding.code == code
    assert name in finding.file
    assert line in line_at(finding.file)


def change(path, key, edit):
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    edit(rows[key])
    path.write_text(yaml.safe_dump(rows, allow_unicode=True, sort_keys=False), encoding="utf-8")


def test_action_without_link_and_wish_without_need_are_found(copied):
    change(copied / "experience" / "links.yaml", "links", lambda rows: rows.pop())
    change(copied / "experience" / "needs.yaml", "needs", lambda rows: rows.pop(0))
    found = check(copied, today=TODAY)
    assert [f.code for f in found] == ["matrix.unlinked", "matrix.unanswered"]
    assert "Opportunity map" in found[1].found


@pytest.mark.parametrize("text", ["none", ""])
def test_row_without_address_is_refused_with_its_line(copied, text):
    path = copied / "sources.yaml"
    change(path, "sources", lambda rows: rows[6].update(fact_address=text))
    with pytest.raises(TableError, match=r"sources\.yaml:\d+: SUP-07: fact_address") as caught:
        check(copied)
    assert "fact_address" in line_at(re.match(r"(.*:\d+):", caught.value.subject).group(1))


def test_addresses_are_asked_only_through_the_given_door():
    def answer(request):
        return httpx.Response(404 if "vito" in request.url.host else 200)

    book = AddressBook(interval_s=0.0, transport=httpx.MockTransport(answer))
    matrix = load_matrix()
    found = check_addresses(matrix, book.trouble)
    gone = [a for a in addresses(matrix) if "vito" in httpx.URL(a).host]
    assert sorted(f.file for f in found) == sorted(gone)
    assert {f.severity for f in found} == {"warning"}
    assert "status 404" in found[0].found


def test_address_that_refuses_a_glance_is_opened():
    def answer(request):
        return httpx.Response(405 if request.method == "HEAD" else 200)

    book = AddressBook(interval_s=0.0, transport=httpx.MockTransport(answer))
    assert book.trouble("https://example.org/a") is None


def test_host_that_does_not_exist_is_told():
    def answer(request):
        raise httpx.ConnectError("no such host", request=request)

    book = AddressBook(interval_s=0.0, transport=httpx.MockTransport(answer))
    assert book.trouble("https://example.org/a") == "no such host"
