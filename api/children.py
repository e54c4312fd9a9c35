"""What the lists of purchases say of a child: a number, an id that other systems cannot read, the month of birth and
the age, never the day. No list of children is served."""

from rest_framework import serializers

from contracts.measures.age_of import age_of, birth_month_of
from contracts.rules import codes

from .fields import Field, choice, codes_of, described_as, ref, whole, yesno

MONTH = {"type": ["string", "null"], "pattern": "^[0-9]{4}-[0-9]{2}$"}


def child(age: str, day: str) -> tuple[Field, ...]:
    """The child, by number, month of birth, and age on the row's `day`, under the name `age`."""
    born = {**MONTH, "description": "2012-05; the day is in no list. null: only an age is recorded"}
    return (
        ref("child", says="the same in every list; no other system's reference", required=True),
        whole("child_number", "child__number", "what pages call the child", required=True),
        Field("birth_month", lambda: birth_month_of("child"), described_as(born, serializers.CharField)()),
        whole(age, lambda: age_of("child", day), f"whole years on {day}"),
        choice("sex", codes.SEXES, source="child__sex"),
        choice("ethnicity", codes.ETHNICITIES, "as in the SSDA903", source="child__ethnicity"),
        codes_of("disabilities", codes.DISABILITIES, "none: not recorded", source="child__disabilities"),
        yesno("ehcp", "has an education, health and care plan", source="child__ehcp"),
        yesno("unaccompanied", "came as an unaccompanied child seeking asylum", source="child__unaccompanied"),
        whole("sibling_group", "child__sibling_group__number", "the same number for brothers and sisters"),
    )
