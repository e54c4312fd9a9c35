"""The forms of the watch: what was heard of a home, that it was wrong, and what is decided for a child."""

from typing import Any

from django import forms

from commissioning.kernel.forms import DayField, LastDayField, PageForm, Versioned
from contracts.forms_placements import WIDE, lay_out
from contracts.forms_watch import written

from .rules import codes, scales

SOURCE_HELP = (
    "In words, such as “the home’s manager, by telephone”, or an address that begins with https://. Every member "
    "reads this."
)


class HomeForm(PageForm):
    """Which home: the first step of saying what was heard."""

    button = "Find the home"

    words = forms.CharField(
        label="Name, URN or provider", max_length=120, widget=WIDE,
        error_messages={"required": "Enter a name, a URN or the provider"},
    )  # fmt: skip


class HeardForm(PageForm):
    heard_from = forms.CharField(
        label="From whom or from where do you know it?", max_length=500, widget=WIDE, help_text=SOURCE_HELP,
        error_messages={"required": "Say from whom or from where you know it"},
    )  # fmt: skip


class JudgementForm(HeardForm):
    """A judgement on the home's own scale. Grades ask for the two that limit; outcomes have none."""

    button = "Record it and tell everyone concerned"

    inspected_on = DayField(
        label="First day of the inspection", required_says="Enter the day of the inspection",
        help_text="As the report gives it: by this day Ofsted’s list confirms what you enter.",
    )  # fmt: skip
    published_on = DayField(label="Report published on, if it was (optional)", required=False)

    def __init__(self, *args: Any, scale: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = list(scales.WORDS_OF[scale].items())
        self.fields["overall"] = forms.ChoiceField(
            label=scales.SCALES[scale], widget=forms.RadioSelect, choices=words,
            error_messages={"required": "Choose the judgement"},
        )  # fmt: skip
        order = ["inspected_on", "overall"]
        if scale == "grades":
            for name, label in (
                ("protection", "How well children and young people are helped and protected (optional)"),
                ("leadership", "The effectiveness of leaders and managers (optional)"),
            ):
                self.fields[name] = forms.ChoiceField(label=label, choices=[("", "Not heard"), *words], required=False)
                order.append(name)
        self.order_fields([*order, "published_on", "heard_from"])
        lay_out(self)


class NoticeForm(HeardForm):
    button = "Record it and tell everyone concerned"

    kind = forms.ChoiceField(
        label="What was heard?", widget=forms.RadioSelect, choices=list(codes.NOTICE_KINDS.items()),
        error_messages={"required": "Choose what was heard"},
    )  # fmt: skip
    starts_on = DayField(label="From", required_says="Enter the day from which it holds")
    ends_before = LastDayField(label="Last day, if it is known (optional)", required=False)
    words = written(
        "What it says (optional)", help_text="Nothing about a child: every member and the provider may read this."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["kind", "starts_on", "ends_before", "words", "heard_from"])
        lay_out(self)


class EndNoticeForm(PageForm):
    button = "Save"

    ends_before = LastDayField(label="Last day on which it held", required_says="Enter the last day")


class WithdrawForm(PageForm):
    button = "Withdraw it and tell everyone who was told"

    why = written("How do you know that it was wrong?", "Say how you know that it was wrong")


class DecisionForm(Versioned):
    button = "Save the decision"

    decision = forms.ChoiceField(
        label="What is decided?", widget=forms.RadioSelect, choices=list(codes.CHANGE_DECISIONS.items()),
        error_messages={"required": "Choose what is decided"},
    )  # fmt: skip
    why = written("Why?", help_text="Needed for anything but staying. Only your authority reads this.")
