"""The quality standards that a question may serve, by the regulations that set them, in their own words."""

# The Children's Homes (England) Regulations 2015, regulations 6 to 14.
HOMES = (
    "quality and purpose of care", "children's views, wishes and feelings", "education", "enjoyment and achievement",
    "health and well-being", "positive relationships", "protection of children", "leadership and management",
    "care planning",
)  # fmt: skip
# The Supported Accommodation (England) Regulations 2023, regulations 4 to 7.
SUPPORTED = ("leadership and management", "protection", "accommodation", "support")
# Fostering services: national minimum standards (Department for Education, 2011), shortened to what each is about.
FOSTERING = (
    "child's wishes and feelings", "positive identity", "positive behaviour and relationships", "safeguarding children",
    "children missing from care", "good health and wellbeing", "leisure activities", "educational attainment",
    "contact", "suitable physical environment", "preparation for a placement", "independence and moves to adulthood",
    "recruiting and assessing foster carers", "matching", "training of foster carers",
    "supervision and support of foster carers", "handling allegations", "staff learning and qualifications",
    "staff support and supervision", "managing and monitoring the service", "records", "payment to carers",
    "notification of significant events", "placement plan and review",
)  # fmt: skip
OF_SERVICE = {
    "residential": ("Children's homes", HOMES),
    "supported": ("Supported accommodation", SUPPORTED),
    "fostering": ("Fostering, national minimum standards", FOSTERING),
}
NAMES = frozenset((*HOMES, *SUPPORTED, *FOSTERING))
