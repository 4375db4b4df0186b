"""The pages of rules, in their order; apps put their rules on them."""

from workflow.contrib.rulebook.rules import Group

FEES = Group(
    slug="fees",
    title="Fees",
    intro="What a permit costs, in US dollars.",
    effect="A new fee holds for applications filed from now on. What was filed before keeps its fee.",
)
DEADLINES = Group(
    slug="deadlines",
    title="Deadlines",
    intro="How much time we give ourselves and others. Working days are those of the holidays page.",
    effect="A new deadline holds for steps that begin from now on. Deadlines that are set already stay as they are.",
)
SILENCE = Group(
    slug="missed-deadlines",
    title="When a deadline passes",
    intro="What happens when nobody decided in time, by the type of the permit.",
    effect="Holds at once, for every deadline that passes from now on.",
)
CODES = Group(
    slug="reasons",
    title="Conditions and reasons",
    intro=(
        "The words of the conditions and of the reasons for a refusal. The codes are fixed, and there are no new ones: "
        "programs and our own rules know them. What no code says belongs into the message or the explanation."
    ),
    effect="New words hold for decisions from now on. A permit that was decided keeps the words of that day.",
)
MESSAGES = Group(
    slug="messages",
    title="Messages",
    intro=(
        "The subject of each message, and words of yours before and after the facts. Milepost writes the facts "
        "themselves, from the case."
    ),
    effect="Holds for messages that are written from now on. What is waiting to be sent stays as it is.",
    one_by_one=True,
)
LIMITS = Group(
    slug="limits",
    title="Limits",
    intro="From when on something happens, and how often it may.",
    effect="Holds from now on.",
)
