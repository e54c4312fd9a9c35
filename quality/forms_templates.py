"""The form of a template's next version: its questions, each to be changed or retired, and a few more."""

import re
from collections.abc import Sequence
from typing import Any

from crispy_forms_gds.layout import HTML, Button, Layout
from django import forms
from django.utils.html import format_html

from commissioning.kernel.forms import PageForm
from contracts.forms_placements import WIDE

from .actions.template_versions import Asked
from .models import TemplateQuestion
from .rules import codes

NEW = 3  # empty questions at the end
LINES = forms.Textarea(attrs={"rows": 2})
NARROW = {"class": "govuk-input--width-2", "inputmode": "numeric"}
PARTS = ("section", "words", "guidance", "scale", "evidence", "weight", "vital", "statements", "standards", "retire")
OPENED = (
    '<details class="govuk-details"><summary class="govuk-details__summary"><span class="govuk-details__summary-text">'
    '{}</span></summary><div class="govuk-details__text">'
)
CLOSED = "</div></details>"


class RetireForm(PageForm):
    button = "Retire this template"

    why = forms.CharField(
        label="Why is it no longer used?", max_length=500, widget=WIDE, help_text="Kept in the history.",
        error_messages={"required": "Say why it is no longer used"},
    )  # fmt: skip


class VersionForm(PageForm):
    button = "Make this the next version"

    name = forms.CharField(label="Name", max_length=200, widget=WIDE, error_messages={"required": "Enter the name"})
    says = forms.CharField(
        label="What whoever goes, and the provider, read first", max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, *args: Any, questions: Sequence[TemplateQuestion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._keys = [f"q{question.pk}" for question in questions] + [f"new{number}" for number in range(1, NEW + 1)]
        layout: list[Any] = ["name", "says"]
        known: dict[str, TemplateQuestion | None] = {f"q{question.pk}": question for question in questions}
        for key in self._keys:
            self._add(key, known.get(key))
        for key in self._keys:  # once every field is there: errors are looked for from here on
            question = known.get(key)
            parts = [f"{key}_{part}" for part in PARTS if question or part != "retire"]
            title = str(question) if question else f"A new question ({key.removeprefix('new')} of {NEW})"
            wrong = any(part in self.errors for part in parts) if self.is_bound else False
            opened = format_html(OPENED.replace("<details ", "<details open ") if wrong else OPENED, _plain(title))
            layout += [HTML(opened), *parts, HTML(CLOSED)]
        self.helper.layout = Layout(*layout, Button("save", self.button, data_prevent_double_click="true"))

    def _add(self, key: str, question: TemplateQuestion | None) -> None:
        """The fields of one question; those of a new one may all be left empty."""
        label = question.label if question else f"New question {key.removeprefix('new')}"
        says = {"required": f"{label}: enter the question, or tick that it is retired"}
        for part, one in (
            ("section", forms.CharField(label=f"{label}: section", required=False, max_length=200, widget=WIDE)),
            ("words", forms.CharField(label=f"{label}: question", required=False, max_length=1000, widget=LINES,
                                      error_messages=says)),
            ("guidance", forms.CharField(label=f"{label}: guidance", required=False, max_length=2000, widget=LINES)),
            ("scale", forms.ChoiceField(label=f"{label}: how it is answered", choices=list(codes.SCALE_NAMES.items()),
                                        required=False)),
            ("evidence", forms.CharField(label=f"{label}: evidence asked for", required=False, max_length=500,
                                         widget=WIDE)),
            ("weight", forms.IntegerField(
                label=f"{label}: weight (0: it does not count)", required=False, min_value=0, max_value=10,
                widget=forms.TextInput(attrs=NARROW),
                error_messages={"invalid": f"{label}: enter the weight as a whole number"})),
            ("vital", forms.BooleanField(label=f"{label} is vital: its worst answer alone caps the rating",
                                         required=False)),
            ("statements", forms.CharField(label=f"{label}: I statements, by number", required=False, max_length=60,
                                           widget=WIDE)),
            ("standards", forms.CharField(label=f"{label}: quality standards, semicolons between", required=False,
                                          max_length=500, widget=WIDE)),
            ("retire", forms.BooleanField(label=f"Retire question {label}", required=False)),
        ):  # fmt: skip
            if part != "retire" or question:
                self.fields[f"{key}_{part}"] = one
        self.initial |= _initial(key, question)

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        for key in self._keys:
            if given.get(f"{key}_retire"):
                continue
            words, section = given.get(f"{key}_words"), given.get(f"{key}_section")
            if not words and not key.startswith("new"):
                self.add_error(f"{key}_words", self.fields[f"{key}_words"].error_messages["required"])
            if words and not section:
                self.add_error(f"{key}_section", f"{self.fields[f'{key}_section'].label}: enter the section")
            if section and not words and key.startswith("new"):
                self.add_error(f"{key}_words", f"{self.fields[f'{key}_words'].label}: enter the question")
            numbers = re.split(r"[\s,;]+", (given.get(f"{key}_statements") or "").strip())
            if any(each and not each.isdecimal() for each in numbers):
                self.add_error(f"{key}_statements", "Enter the numbers of I statements, such as 1 7")
        return given

    def questions(self) -> list[Asked]:
        given, found = self.cleaned_data, []
        for key in self._keys:
            if given.get(f"{key}_retire") or not given[f"{key}_words"]:
                continue
            found.append(Asked(
                section_name=given[f"{key}_section"], words=given[f"{key}_words"], guidance=given[f"{key}_guidance"],
                scale=given[f"{key}_scale"] or "met", evidence=given[f"{key}_evidence"],
                weight=given[f"{key}_weight"] if given[f"{key}_weight"] is not None else 1, vital=given[f"{key}_vital"],
                statements=sorted({int(n) for n in re.findall(r"\d+", given[f"{key}_statements"])}),
                standards=[name.strip() for name in given[f"{key}_standards"].split(";") if name.strip()],
            ))  # fmt: skip
        return found


def _initial(key: str, question: TemplateQuestion | None) -> dict[str, Any]:
    if question is None:
        return {f"{key}_weight": 1, f"{key}_scale": "met"}
    return {
        f"{key}_section": question.section_name, f"{key}_words": question.words, f"{key}_guidance": question.guidance,
        f"{key}_scale": question.scale, f"{key}_evidence": question.evidence, f"{key}_weight": question.weight,
        f"{key}_vital": question.vital, f"{key}_statements": " ".join(map(str, question.statements)),
        f"{key}_standards": "; ".join(question.standards),
    }  # fmt: skip


def _plain(title: str) -> str:
    """The layout reads its text as a template: braces of a question are only braces."""
    return title.replace("{", "(").replace("}", ")").replace("%", "per cent" if "{%" in title else "%")
