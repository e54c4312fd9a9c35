"""Which statements a lot's specification asks its providers to serve: set by the framework's lead authority."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from commissioning.kernel.forms import PageForm
from commissioning.kernel.pages.allowed import allowed

from ..actions.lot_statements import known_of, set_lot_statements
from ..models import LotStatement, Statement, StatementSet
from .lots import led_lot, trail


class StatementsForm(PageForm):
    """For each statement a tick, and what the specification asks for it."""

    button = "Save the statements"

    known = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: object, statements: list[Statement], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._statements = statements
        for each in statements:
            self.fields[f"serves_{each.number}"] = forms.BooleanField(label=str(each), required=False)
            self.fields[f"asks_{each.number}"] = forms.CharField(
                label=f"What it asks for statement {each.number} (optional)", required=False, max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )  # fmt: skip
        self.helper.layout.fields[:-1] = list(self.fields)

    def clean(self) -> dict[str, object]:
        given = super().clean()
        for each in self._statements:
            if given.get(f"asks_{each.number}") and not given.get(f"serves_{each.number}"):
                self.add_error(f"serves_{each.number}", f"Tick statement {each.number}, or leave its words empty")
        return given

    def asks(self) -> dict[int, str]:
        given = self.cleaned_data
        return {
            each.number: given[f"asks_{each.number}"] for each in self._statements if given[f"serves_{each.number}"]
        }


@allowed("lots", "change")
def lot_statements(request: HttpRequest, uuid: UUID) -> HttpResponse:
    lot = led_lot(request, uuid)
    sets = list(StatementSet.objects.in_use().order_by("pk"))
    of_set = next((each for each in sets if each.code == request.GET.get("set")), sets[0] if sets else None)
    if of_set is None:
        messages.warning(request, "No set of statements is in use yet.")
        return redirect("lot", uuid=uuid)
    statements = list(Statement.objects.filter(statement_set=of_set).order_by("number"))
    initial: dict[str, object] = {"known": known_of(lot, of_set)}
    for row in LotStatement.objects.filter(lot=lot, statement__statement_set__code=of_set.code).select_related(
        "statement"
    ):
        initial |= {f"serves_{row.statement.number}": True, f"asks_{row.statement.number}": row.asks}
    form = StatementsForm(request.POST or None, statements=statements, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            set_lot_statements(
                lot=lot, statement_set=of_set, asks=form.asks(), known=form.cleaned_data["known"], by=request.user
            )
        except ValidationError as refused:
            form.add_problems(refused)
            form.data = form.data.copy()
            form.data["known"] = known_of(lot, of_set)
        else:
            messages.success(request, f"The statements that {lot} serves are saved.")
            return redirect("lot", uuid=uuid)
    return render(request, "partnership/form.html", {
        "form": form, "heading": f"{lot}: statements that its specification asks for", "crumbs": trail(lot.framework),
        "crumb": "Statements",
    })  # fmt: skip
