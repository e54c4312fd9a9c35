"""Filters and tags of templates, and the pages that stand when others fail."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory

from commissioning.kernel.wording import TONES, Withheld


def said(template: str, **context: object) -> str:
    return Template("{% load page %}" + template).render(Context(context))


@pytest.mark.parametrize(
    ("template", "value", "words"),
    [
        ("{{ v|pounds }}", Decimal("1234.5"), "£1,234.50"),
        ("{{ v|pounds }}", Decimal("-0.005"), "−£0.01"),
        ("{{ v|pounds }}", Decimal(0), "£0.00"),
        ("{{ v|pounds_whole }}", Decimal("1234.5"), "£1,235"),
        ("{{ v|change }}", Decimal(15), "up +£15.00"),
        ("{{ v|change }}", Decimal(-15), "down −£15.00"),
        ("{{ v|change }}", Decimal(0), "no change"),
        ("{{ v|number }}", 12345, "12,345"),
        ("{{ v|number }}", Decimal("2.50"), "2.50"),
        ("{{ v|percent }}", Decimal("61.5"), "62%"),
        ("{{ v|day }}", dt.date(2026, 3, 3), "3 March 2026"),
        ("{{ v|instant }}", dt.datetime(2026, 3, 3, 0, 5), "3 March 2026 at 12:05am"),
        ("{{ v|instant }}", dt.datetime(2026, 7, 3, 13, 5, tzinfo=dt.UTC), "3 July 2026 at 2:05pm"),
        ("{{ v|yesno_words }}", True, "Yes"),
        ("{{ v|recorded }}", "Elm", "Elm"),
    ],
)
def test_values_in_words(template: str, value: object, words: str) -> None:
    assert said(template, v=value) == words


@pytest.mark.parametrize("name", ["pounds", "pounds_whole", "change", "number", "percent", "day", "instant",
                                  "yesno_words", "recorded", "tag"])  # fmt: skip
@pytest.mark.parametrize("value", [None, "", "  "])
def test_missing_is_said_in_words(name: str, value: object) -> None:
    assert re.sub(r"<[^>]+>", "", said("{{ v|" + name + " }}", v=value)) == "not recorded"


def test_a_negative_that_rounds_to_nothing_has_no_sign() -> None:
    assert said("{{ v|pounds }}", v=Decimal("-0.001")) == "£0.00"


def test_tags_carry_the_word_in_full_and_a_tone() -> None:
    assert "app-tag--harm" in said("{{ v|tag }}", v="Inadequate")
    assert ">Requires improvement to be good<" in said("{{ v|tag }}", v="Requires improvement to be good")
    assert "app-tag--needs" in said('{{ v|tag:"needs" }}', v="Anything")
    assert "app-tag--plain" in said("{{ v|tag }}", v="Something else")
    assert set(TONES.values()) <= {"good", "needs", "harm", "ours", "plain"}


def test_values_are_escaped() -> None:
    for part in ("{{ v|tag }}", "{{ v|recorded }}", "{% withheld v %}", "{% crumbs v %}", "{% empty_state v v v v %}"):
        assert "<script" not in said(part, v="<script>")


def test_withheld_says_why_to_eye_and_ear() -> None:
    marker = said("{{ v|pounds }}", v=Withheld("Fewer than 5 children.", "See the service type."))
    assert ">c</button>" in marker
    assert marker.count("Fewer than 5 children. See the service type.") == 2


def test_crumbs_end_where_you_are() -> None:
    page = said('{% crumbs "Lots" "/lots/" "General fostering" %}')
    assert page.count("<a ") == 1
    assert 'aria-current="page">General fostering' in page


def test_summary_list_offers_a_change_that_says_of_what() -> None:
    page = said("{% summary_list rows %}", rows=[("Ends", None), ("Name", "IFA", "/edit/")])
    assert "not recorded" in page
    assert 'href="/edit/">Change<span class="govuk-visually-hidden"> Name' in page


@pytest.mark.parametrize("name", ["500.html", "400.html", "403_csrf.html"])
def test_pages_of_last_resort_need_no_context(name: str) -> None:
    page = get_template(name).render()
    assert page.count("<h1") == 1
    assert "<script" not in page
    assert " style=" not in page


@pytest.mark.parametrize("name", ["403.html", "404.html"])
def test_error_pages_say_what_to_do(name: str) -> None:
    request = RequestFactory().get("/nowhere/")
    request.csp_nonce = "n0nce"  # type: ignore[attr-defined]
    page = render_to_string(name, {"partnership_name": "South East London", "request": request})
    assert page.count("<h1") == 1
    assert " – South East London</title>" in page
    assert "Sign out" not in page


def test_every_executed_script_of_the_base_page_has_the_nonce() -> None:
    request = RequestFactory().get("/")
    request.csp_nonce = "n0nce"  # type: ignore[attr-defined]
    page = render_to_string("base.html", {"request": request})
    scripts = re.findall(r"<script[^>]*>", page)
    assert len(scripts) >= 4
    assert all('nonce="n0nce"' in script for script in scripts)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


def test_the_base_page_names_the_viewer_and_signs_out_by_form() -> None:
    request = RequestFactory().get("/")
    request.user = type("User", (), {"is_authenticated": True, "email": "officer@borough.example"})()
    navigation = [{"text": "Lots", "href": "/lots/", "active": True}]
    context = {"viewer_name": "London Borough of Southwark", "navigation": navigation}
    page = render_to_string("base.html", context | {"request": request, "csrf_token": "t0ken"})
    assert "London Borough of Southwark" in page
    assert re.search(r'<form method="post" action="/accounts/logout/"><input type="hidden" name="csrf', page)
    assert page.count('aria-current="true"') == 1
