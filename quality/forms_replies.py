"""What a provider's contact fills in: the reply to findings, the plan, an action; and what an officer answers."""

from collections.abc import Sequence
from typing import Any

from django import forms

from commissioning.kernel.forms import DayField, PageForm, Versioned
from contracts.forms_placements import WIDE

from .actions.improvement import Proposal
from .models import Finding, FindingReply
from .rules import codes, evidence

LONG = forms.Textarea(attrs={"rows": 3})
PLAN_PARTS = ("words", "owner", "due_on")


def _beside(form: PageForm, refused: Any, usual: str) -> None:
    """What the action refused ("<finding>", or "<finding>:<part>"), beside the field of the finding it is about."""
    if not hasattr(refused, "error_dict"):
        form.add_error(None, refused)
        return
    for name, errors in refused.error_dict.items():
        key, _, part = name.partition(":")
        field = f"{part or usual}_{key}"
        form.add_error(field if field in form.fields else None, errors)


class ReplyForm(PageForm):
    """Each finding with its own answer. What is left open can be answered another day, until the last one."""

    button = "Send the reply"

    def __init__(self, *args: Any, findings: Sequence[Finding], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._findings = findings
        for number, finding in enumerate(findings, 1):
            self.fields[f"says_{finding.uuid}"] = forms.ChoiceField(
                label=f"Finding {number}: {finding.words}", widget=forms.RadioSelect, required=False,
                choices=list(codes.REPLIES.items()),
            )  # fmt: skip
            self.fields[f"words_{finding.uuid}"] = forms.CharField(
                label=f"Finding {number}: what is not accurate, and what would be", required=False, max_length=4000,
                widget=LONG, help_text="Needed where it is not accurate. Every member reads it where the finding "
                "stands: no names of children or young people.",
            )  # fmt: skip
        self.helper.layout.fields[:-1] = list(self.fields)

    def replies(self) -> dict[Finding, tuple[str, str]]:
        given = self.cleaned_data
        return {
            finding: (given[f"says_{finding.uuid}"], given[f"words_{finding.uuid}"])
            for finding in self._findings
            if given[f"says_{finding.uuid}"]
        }

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        for finding in self._findings:
            if given.get(f"words_{finding.uuid}") and not given.get(f"says_{finding.uuid}"):
                self.add_error(f"says_{finding.uuid}", "Say whether this finding is accurate.")
        return given

    def add_refusals(self, refused: Any) -> None:
        _beside(self, refused, "says")

    @staticmethod
    def initial_of(replies: Sequence[FindingReply]) -> dict[str, str]:
        told: dict[str, str] = {}
        for reply in replies:
            told |= {f"says_{reply.finding.uuid}": reply.says, f"words_{reply.finding.uuid}": reply.words}
        return told


class PlanOfActionForm(PageForm):
    """For each finding one action more: what, who, by when."""

    button = "Send the plan"

    def __init__(self, *args: Any, findings: Sequence[tuple[Finding, bool]], **kwargs: Any) -> None:
        """`findings`: each with whether it has an action already."""
        super().__init__(*args, **kwargs)
        self._findings = [finding for finding, _ in findings]
        for number, (finding, covered) in enumerate(findings, 1):
            again = "another action (optional)" if covered else "what will you do"
            key = str(finding.uuid)
            self.fields[f"words_{key}"] = forms.CharField(
                label=f"Finding {number}: {again}", required=False, max_length=4000, widget=LONG,
                help_text=f"The finding: {finding.words}",
            )  # fmt: skip
            self.fields[f"owner_{key}"] = forms.CharField(
                label=f"Finding {number}: who sees to it", required=False, max_length=200, widget=WIDE,
                help_text="A post, such as registered manager.",
            )  # fmt: skip
            self.fields[f"due_on_{key}"] = DayField(label=f"Finding {number}: by when", required=False)
        self.helper.layout.fields[:-1] = list(self.fields)

    def proposals(self) -> list[Proposal]:
        given = self.cleaned_data
        found = []
        for finding in self._findings:
            parts = {part: given.get(f"{part}_{finding.uuid}") for part in PLAN_PARTS}
            if any(parts.values()):
                found.append(
                    Proposal(finding, parts["words"] or "", parts["owner"] or "", parts["due_on"], str(finding.uuid))
                )
        return found

    def add_refusals(self, refused: Any) -> None:
        _beside(self, refused, "words")


class ActionForm(Versioned):
    """The provider's action put differently."""

    button = "Propose it so"

    words = forms.CharField(label="What will be done", max_length=4000, widget=LONG,
                            error_messages={"required": "Say what will be done"})  # fmt: skip
    owner = forms.CharField(label="Who sees to it", max_length=200, widget=WIDE,
                            error_messages={"required": "Say who will see to it"})  # fmt: skip
    due_on = DayField(label="By when", required_says="Enter the day by which it will be done")


class DoneForm(Versioned):
    button = "Say that it is done"

    evidence_words = forms.CharField(
        label="How can somebody see that it is done?", max_length=4000, widget=LONG,
        help_text="No names of children or young people.",
        error_messages={"required": "Say how somebody can see that it is done"},
    )  # fmt: skip
    done_on = DayField(label="Done on", required_says="Enter the day on which it was done")


class EvidenceForm(PageForm):
    button = "Send the file"

    kind = forms.ChoiceField(
        label="What is it?", widget=forms.RadioSelect,
        choices=[(key, codes.EVIDENCE_KINDS[key]) for key in ("photograph", "document")],
        error_messages={"required": "Choose whether it is a photograph or a document"},
    )  # fmt: skip
    file = forms.FileField(
        label="File", help_text="A photograph (JPEG or PNG), a PDF or a Word document of at most 10 MB. Where a "
        "photograph was taken is taken out of it.",
        error_messages={"required": "Choose the file", "empty": "This file holds nothing: choose another"},
    )  # fmt: skip
    caption = forms.CharField(
        label="What does it show? (optional)", required=False, max_length=500,
        help_text="No names of children or young people.",
    )  # fmt: skip
    consent = forms.BooleanField(
        label="Whoever can be recognised in the photograph has agreed to it, or nobody can be",
        required=False,
    )

    def clean_file(self) -> Any:
        sent = self.cleaned_data["file"]
        if sent.size > evidence.LARGEST:
            raise forms.ValidationError(evidence.TOO_LARGE)
        return sent


class SendBackForm(Versioned):
    button = "Send it back"

    why = forms.CharField(label="What is missing?", max_length=2000, widget=LONG,
                          help_text="The provider reads this, and every member once the action is agreed. No "
                          "word about a child.",
                          error_messages={"required": "Say what is missing"})  # fmt: skip


class VerifyForm(Versioned):
    button = "Close the action"

    how = forms.CharField(label="How did you check it?", max_length=2000, widget=LONG,
                          help_text="The provider reads this, and every member where the action follows from a visit.",
                          error_messages={"required": "Say how you checked it"})  # fmt: skip
