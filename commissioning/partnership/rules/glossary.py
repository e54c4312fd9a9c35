"""The field's terms as the platform uses them, in plain words. (anchor, term, meaning) by theme."""

Term = tuple[str, str, str]

THEMES: dict[str, tuple[Term, ...]] = {
    "Buying": (
        (
            "framework",
            "Framework",
            (
                "An agreement let once, by a lead authority, from which the authorities taking part "
                "buy homes for children and young people. It may be a framework agreement, a dynamic market, an older "
                "dynamic purchasing system, a block contract or a register."
            ),
        ),
        ("dynamic-market", "Dynamic market", "A framework that new providers may join at any time while it runs."),
        (
            "lot",
            "Lot",
            (
                "One part of a framework: one kind of service, with its specification, its price lines and its "
                "way of calling off a home."
            ),
        ),
        (
            "call-off",
            "Call-off",
            ("Buying one home from a lot: which providers are asked, in which order, and how one is chosen."),
        ),
        (
            "contracting-data",
            "Contracting data",
            (
                "What is published of frameworks, lots, suppliers and call-offs, by the Open Contracting Data Standard "
                "(OCDS). Call-offs are in it only where eight children or more are alike, and nothing of any one child."
            ),
        ),
        (
            "price-line",
            "Price line",
            (
                "One line of a lot's pricing schedule: what is priced, in which unit (a week, a "
                "night, an hour, a mile, once, or per cent), for which ages and level. It is core, additional "
                "or a discount."
            ),
        ),
        (
            "award",
            "Award",
            (
                "A provider's place on a lot, with its tier and rank, from the day it was admitted to the day "
                "it was removed."
            ),
        ),
        (
            "rate",
            "Rate",
            (
                "What a provider charges on a price line over a period, to every authority taking part or to "
                "one of them."
            ),
        ),
        (
            "tier",
            "Tier and rank",
            ("The order in which providers on a lot are approached: tier 1 before tier 2, and by rank within a tier."),
        ),
        ("extension", "Extension", "An option to let a framework run on past its initial term. It counts once taken."),
        (
            "uplift",
            "Uplift",
            (
                "A change to a provider's rates, usually yearly, asked for by the provider and decided by "
                "each authority."
            ),
        ),
        (
            "spot",
            "Spot purchase",
            ("A home bought from a provider outside any framework, dynamic market or block contract."),
        ),
        ("block", "Block contract", "Places paid for whether or not they are used, often shared between authorities."),
        (
            "referral",
            "Referral",
            (
                "A search for a home for one child: what was looked for and by when, which providers were asked, what "
                "they answered, and what was chosen and why."
            ),
        ),
        (
            "placement",
            "Placement",
            (
                "A child's home for a period. Its nights are counted by arrival: the night of the first day counts, "
                "the day the child leaves does not."
            ),
        ),
        (
            "route",
            "Route",
            (
                "How a home was bought: by a framework, a block contract or a dynamic market, spot, or in-house. It is "
                "fixed by the facts of the day of call-off; what became of the framework later is told apart."
            ),
        ),
        (
            "agreement",
            "Individual Placement Agreement",
            (
                "What authority and provider sign for one placement: the period, the price, what it includes, the "
                "notice and the outcomes sought. It comes in versions, and a signed version never changes."
            ),
        ),
        (
            "additional-service",
            "Additional service",
            (
                "Something bought on top of the core price, such as extra staffing, therapy or transport. Somebody "
                "approves it, it has a last day, and a day on which it is looked at again."
            ),
        ),
        (
            "cashable",
            "Cashable and avoided",
            (
                "Two kinds of saving, never added up. Cashable: less is paid than was being paid. Avoided: less is "
                "paid than was asked."
            ),
        ),
        (
            "possible-saving",
            "Possible and realistic saving",
            (
                "Possible: what our open homes cost above the partnership's median for the same provider and lot, in "
                "the twelve months to come. Realistic: the part of it that can be talked about with the provider "
                "without putting a child's home at risk. Neither is money in hand until a new price is agreed."
            ),
        ),
        (
            "avoidable",
            "Avoidable spot purchase",
            (
                "A home bought spot though a provider with a place on a lot had offered one that was judged suitable. "
                "Its premium is what was paid above that offer."
            ),
        ),
    ),
    "Providers and homes": (
        (
            "provider",
            "Provider",
            ("The company, charity or public body that signs the contract. Several may have one owner."),
        ),
        ("owner", "Owner", "Whoever owns a provider on a date. An owner with its providers is a group."),
        (
            "establishment",
            "Establishment",
            (
                "What the regulator registers: a children's home, a fostering agency, a "
                "supported accommodation service. It has its own number (URN)."
            ),
        ),
        (
            "premises",
            "Premises",
            ("An address where children live. Supported accommodation may have many under one registration."),
        ),
        ("places", "Places", "How many children an establishment may look after at once."),
        ("urn", "URN", "Ofsted's number of an establishment. It changes when an establishment is registered again."),
        ("unregistered", "Unregistered", "A home that ought to be registered with the regulator and is not."),
        (
            "unregulated",
            "Unregulated",
            "A home of a kind that no regulator looks at, so that the authority must look itself.",
        ),
        (
            "deprivation-of-liberty",
            "Deprivation of liberty order",
            (
                "A court's permission to keep a child under constant watch and not free to leave, for the time and on "
                "the terms that the order names."
            ),
        ),
    ),
    "Quality": (
        (
            "scorecard",
            "Scorecard",
            (
                "What is known of a provider, an owner’s group or a lot, side by side: price, judgements, visits, KPIs "
                "and what young people say. Never one score, and no rank."
            ),
        ),
        (
            "contract-meeting",
            "Contract meeting",
            (
                "An authority’s meeting with a provider about its contracts: prepared from the scorecard, held, "
                "minuted, and followed up on the list of actions."
            ),
        ),
        ("inspection", "Inspection", "The regulator's visit, and the judgement that followed."),
        (
            "judgement",
            "Judgement",
            (
                "What the regulator found, on its own scale: four grades for homes and agencies, three "
                "outcomes for supported accommodation. The scales are never mixed or averaged."
            ),
        ),
        ("not-yet-inspected", "Not yet inspected", "Registered, with no judgement so far. It is neither good nor bad."),
        ("limiting", "Limiting judgement", "A judgement on one part that holds down the overall one."),
        ("document", "Compliance document", "Insurance and the like, which a provider must keep up to date."),
        (
            "kpi",
            "KPI",
            (
                "A key performance indicator: what is counted, out of what, how often, and whether high or low is "
                "good. Its definition has versions, which never change."
            ),
        ),
        (
            "contract-target",
            "Contract's own target",
            (
                "What one provider's contract is held to of a KPI, in place of what its lot expects. Every authority "
                "and the provider read it; no other provider does."
            ),
        ),
        (
            "kpi-of-one-contract",
            "KPI of one contract alone",
            (
                "One that a lot does not expect, agreed with one provider for its place on the lot. It is returned and "
                "checked as any other, and ends with the place. Every authority and the provider read it; no other "
                "provider does."
            ),
        ),
        (
            "kpi-return",
            "KPI return",
            "What a provider returns of a KPI for a period, which the framework’s lead verifies, queries or disputes.",
        ),
        (
            "likely-between",
            "Likely between",
            (
                "Where the share of all who might have answered lies, nineteen times in twenty. The fewer young people "
                "answered, the wider it is."
            ),
        ),
        (
            "you-said-we-did",
            "You said, we did",
            (
                "What young people said of a provider’s homes, in an officer’s own words that quote no one, and what "
                "was done about it."
            ),
        ),
    ),
    "Kinds of care": (
        (
            "fostering",
            "Independent fostering",
            ("A child lives with foster carers found by an agency, rather than by the authority."),
        ),
        ("residential", "Residential children's home", "A home with staff, registered with Ofsted."),
        (
            "supported",
            "Semi-independent and supported accommodation",
            ("A place to live, with support, for young people of 16 and over."),
        ),
        (
            "levels",
            "Standard and enhanced",
            (
                "Two levels of care in fostering: enhanced is for children who need more, and "
                "costs more. Supported accommodation has low, medium and high support instead."
            ),
        ),
        (
            "child",
            "Child and young person",
            (
                "Somebody under 18 is a child; from 18 a young person. Pages that a young "
                "person may read say home, not placement."
            ),
        ),
    ),
    "Comparing": (
        (
            "release",
            "Release",
            (
                "The partnership's figures of the twelve months to the end of a quarter, frozen. One person asks for "
                "it, another approves it; then every member sees the same figures."
            ),
        ),
        (
            "withheld-figure",
            "Withheld figure",
            (
                "A figure that is not shown (c), because it or another would tell of a child, an authority or a "
                "provider. The same ones are withheld from everybody."
            ),
        ),
        (
            "peer-group",
            "Peer group",
            (
                "Authorities to compare with. A release tells their figures apart only where enough authorities are "
                "in the group and outside it."
            ),
        ),
    ),
    "People and partnership": (
        ("authority", "Authority", "A council with children's social care duties."),
        ("member", "Member", "An authority of this partnership."),
        ("lead", "Lead authority", "The authority that let a framework and keeps its records for the others."),
        (
            "taking-part",
            "Taking part",
            (
                "An authority that takes part in a framework may buy from it and sees its rates, "
                "for as long as it takes part."
            ),
        ),
        (
            "saved-view",
            "Saved view",
            (
                "A list with the filters that a person uses again and again, under a name. It holds no rows: whoever "
                "opens it, or has it sent as a file, gets what they themselves may see that day."
            ),
        ),
        (
            "webhook",
            "Webhook",
            (
                "An address of one of an authority's own systems that is told at once that something happened, such "
                "as a visit published. The message says which record to read, and nothing that stands in it."
            ),
        ),
        ("not-recorded", "Not recorded", "Nobody has entered a value. It never means none or nil."),
    ),
}
