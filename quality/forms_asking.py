"""The forms of asking young people: the questions of a survey, whichever way they come, and a link to them."""

from typing import Any

from django import forms

from commissioning.kernel.forms import DayField, PageForm
from contracts.rules.codes import SERVICE_TYPES

from .forms_common import LINES
from .models import Survey, SurveyQuestion
from .rules import codes
from .rules.occasions import OPEN_DAYS, OPEN_FOR

NO_SAY = "no_say"
NOT_SAID = {"": "Not answered", NO_SAY: "I don’t want to say"}
LONGEST = 2000
ALONE = "alone"


class QuestionsForm(PageForm):
    """A survey's questions. Nothing needs an answer; an answer off the scale is refused beside its question."""

    off_scale = "Choose one of the five words, or “I don’t want to say”"
    too_long = f"Write up to {LONGEST:,} letters"
    first_fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, survey: Survey, questions: list[SurveyQuestion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.survey, self.questions = survey, questions
        for question in questions:
            self.fields[self.name_of(question)] = self._field(question)
        self.helper.layout.fields[:-1] = list(self.fields)

    @staticmethod
    def name_of(question: SurveyQuestion) -> str:
        return f"q{question.number}"

    def _field(self, question: SurveyQuestion) -> forms.Field:
        if question.kind == "words":
            return forms.CharField(
                label=question.words, required=False, max_length=LONGEST, widget=LINES,
                error_messages={"max_length": self.too_long},
            )  # fmt: skip
        scale = [(str(value), words) for value, words in codes.SURVEY_SCALE.items()]
        return forms.ChoiceField(
            label=question.words, required=False, widget=forms.RadioSelect,
            choices=[*scale, *((key, words) for key, words in reversed(NOT_SAID.items()))],
            error_messages={"invalid_choice": self.off_scale},
        )  # fmt: skip

    def given(self) -> dict[str, dict[int, Any]]:
        """`values` and `words` by the number of the question, of those that were answered."""
        values: dict[int, Any] = {}
        words: dict[int, Any] = {}
        for question in self.questions:
            said = self.cleaned_data.get(self.name_of(question), "")
            if said and question.kind == "words":
                words[question.number] = said
            elif said:
                values[question.number] = None if said == NO_SAY else int(said)
        return {"values": values, "words": words}


class MyHomeForm(QuestionsForm):
    """As a young person meets it: shown by its own template, face by face."""

    off_scale = "Pick one of the faces, or “I don’t want to say”"
    too_long = f"That is a lot to say! Please make it shorter: up to {LONGEST:,} letters fit here"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["helped_by"] = forms.ChoiceField(
            required=False, choices=[("", ""), (ALONE, ""), *codes.HELPERS.items()],
            error_messages={"invalid_choice": "Pick one, or leave it"},
        )  # fmt: skip
        self.fields["sure"] = forms.CharField(required=False, max_length=3)

    @property
    def helper_role(self) -> str:
        said = self.cleaned_data.get("helped_by", "")
        return "" if said == ALONE else said


class EnterForm(QuestionsForm):
    """Entered by an officer from what a young person said or wrote."""

    button = "Record the answers"

    answered_on = DayField(label="Day on which they answered", required_says="Enter the day on which they answered")
    answered_by = forms.ChoiceField(
        label="Who answered?", widget=forms.RadioSelect, choices=list(codes.ANSWERED_BY.items()), initial="self",
        error_messages={"required": "Choose who answered"},
    )  # fmt: skip
    helped_by = forms.ChoiceField(  # not "helper": a template finds a field before the form's own
        label="Who helped, or answered for them?", required=False, choices=[("", "Nobody"), *codes.HELPERS.items()],
        help_text="Their role. Never a name.",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("answered_by") == "self":
            given["helped_by"] = ""
        elif given.get("answered_by") and not given.get("helped_by"):
            self.add_error("helped_by", "Choose who answered or helped, by their role")
        said = [each for each in self.questions if given.get(self.name_of(each))]
        if not said and not self.errors:
            self.add_error(None, "No question has an answer: there is nothing to record")
        return given

    def facts(self) -> dict[str, Any]:
        kept = ("answered_on", "answered_by", "occasion", "service_type")
        return {name: self.cleaned_data[name] for name in kept if name in self.cleaned_data} | self.given() | {
            "helper": self.cleaned_data["helped_by"]
        }  # fmt: skip


class EnterForHomeForm(EnterForm):
    """The answers of one home on one occasion."""

    occasion = forms.ChoiceField(
        label="Occasion", widget=forms.RadioSelect,
        choices=[(key, words) for key, words in codes.OCCASIONS.items() if key != "visit"],
        error_messages={"required": "Choose the occasion"},
    )  # fmt: skip

    field_order = ("occasion", "answered_on", "answered_by", "helped_by")


class EnterForVisitForm(EnterForm):
    """What one young person said to the inspectors."""

    service_type = forms.ChoiceField(label="Kind of home", choices=list(SERVICE_TYPES.items()))

    field_order = ("answered_on", "service_type", "answered_by", "helped_by")


class InviteForm(PageForm):
    button = "Make the link"

    occasion = forms.ChoiceField(
        label="Occasion", widget=forms.RadioSelect,
        choices=[(key, words) for key, words in codes.OCCASIONS.items() if key != "visit"],
        error_messages={"required": "Choose the occasion"},
    )  # fmt: skip
    open_for = forms.ChoiceField(
        label="How long it stays open", choices=list(OPEN_FOR.items()), initial=str(OPEN_DAYS),
    )  # fmt: skip

    def __init__(self, *args: Any, surveys: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["survey"] = forms.ModelChoiceField(
            label="Questions", queryset=surveys, to_field_name="code", empty_label=None,
            help_text="Chosen by age. Take a younger one where it reads better to them.",
        )  # fmt: skip
        self.order_fields(("occasion", "survey", "open_for"))
        self.helper.layout.fields[:-1] = list(self.fields)


class WithdrawForm(PageForm):
    button = "Withdraw the link"


class FollowedForm(PageForm):
    button = "Close it"

    version = forms.IntegerField(widget=forms.HiddenInput)
    followed_on = DayField(label="Day on which it was closed", required_says="Enter the day on which it was closed")
    followed_how = forms.CharField(
        label="What came of it", max_length=2000, widget=LINES, help_text="Write nothing about a child here.",
        error_messages={"required": "Say what came of it"},
    )  # fmt: skip
