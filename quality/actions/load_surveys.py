"""What young people are asked, by age, from the room's code lists."""

from collections import defaultdict

from commissioning.partnership.models import StatementSet

from ..models import Survey, SurveyQuestion
from .load_templates import rows_of


def load_surveys() -> int:
    """Adds the first version of each survey that is not known, and leaves the rest; the caller acts as a service, and
    the I statements are loaded. Returns how many the files hold."""
    known = set(Survey.objects.values_list("code", flat=True))
    sets = {each.code: each for each in StatementSet.objects.in_use()}
    questions: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows_of("survey_questions.csv"):
        questions[row["survey"]].append(row)
    surveys = list(rows_of("surveys.csv"))
    for row in surveys:
        if row["code"] in known:
            continue
        made = Survey.objects.create(
            code=row["code"], name=row["name"], statement_set=sets[row["statement_set"]],
            age_from=int(row["age_from"]), age_to=int(row["age_to"]),
        )  # fmt: skip
        SurveyQuestion.objects.bulk_create(
            SurveyQuestion(
                survey=made, number=int(each["number"]), words=each["words"], kind=each["kind"],
                statements=[int(number) for number in each["statements"].split()], unsafe=each["unsafe"] == "yes",
            )
            for each in questions[row["code"]]
        )  # fmt: skip
    return len(surveys)
