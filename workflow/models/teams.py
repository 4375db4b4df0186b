"""Who owns which cases, and the ordered rules that say so."""

from typing import ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

STRETCH_WITHOUT_ROUTE = "Miles belong to a route: name it too, for example I-35."
STRETCH_BACKWARD = "The stretch ends before it begins: put the lower mile first."

at_least_zero = MinValueValidator(0, message="Mile markers start at 0: give 0 or more.")


class Team(models.Model):
    """The officers who own a queue."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    email = models.EmailField(blank=True)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="milepost_teams", blank=True)
    is_default = models.BooleanField(
        default=False,
        help_text="Gets every case that no routing rule sends elsewhere. Exactly one team is the default.",
    )

    class Meta:
        ordering = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_team")
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def default(cls) -> Self:
        """The team of last resort; made when there is none, so that no case is ever without an owner."""
        found = cls.objects.filter(is_default=True).first()
        return (
            found
            or cls.objects.get_or_create(code="front-desk", defaults={"name": "Front desk", "is_default": True})[0]
        )


class RoutingRule(models.Model):
    """One line of the routing table: the first rule whose every filled condition fits a case names its team."""

    order = models.PositiveIntegerField(default=100, help_text="Rules are tried from the lowest number up.")
    workflow = models.CharField(
        max_length=40, blank=True, help_text="Kind of case, for example roadPermit; empty: any."
    )
    category = models.CharField(
        max_length=400,
        blank=True,
        help_text="Categories or groups of categories, comma separated, for example pothole, lighting; empty: any.",
    )
    district = models.CharField(max_length=200, blank=True, help_text="Districts, comma separated; empty: any.")
    county = models.CharField(
        max_length=400, blank=True, help_text="Counties, comma separated, for example polk, story; empty: any."
    )
    route = models.CharField(max_length=40, blank=True, help_text="Route designation, for example US-69; empty: any.")
    milepost_from = models.FloatField(
        "from mile",
        null=True,
        blank=True,
        validators=[at_least_zero],
        help_text="First mile of a stretch of the route, itself included; empty: from its beginning.",
    )
    milepost_to = models.FloatField(
        "to mile",
        null=True,
        blank=True,
        validators=[at_least_zero],
        help_text="Last mile of the stretch, itself included; empty: to its end.",
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="rules")
    is_active = models.BooleanField(default=True)

    CONDITIONS: ClassVar = ("workflow", "category", "district", "county", "route")
    LISTS: ClassVar = ("category", "district", "county")

    class Meta:
        ordering = ["order", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(milepost_from=None, milepost_to=None) | ~Q(route=""),
                name="stretch_has_a_route",
                violation_error_message=STRETCH_WITHOUT_ROUTE,
            ),
            models.CheckConstraint(
                condition=Q(milepost_from=None) | Q(milepost_to=None) | Q(milepost_from__lte=F("milepost_to")),
                name="stretch_runs_upward",
                violation_error_message=STRETCH_BACKWARD,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}: {self.in_words()} goes to {self.team}"

    def clean(self) -> None:
        """Put lists into one shape; refuse a stretch without a route, one that runs backward, a list of routes."""
        super().clean()
        for name in self.LISTS:
            setattr(self, name, ", ".join(self.wanted(name)))
        low, high = self.milepost_from, self.milepost_to
        faults: dict[str, ValidationError] = {}
        if (low is not None or high is not None) and not self.route:
            faults["route"] = ValidationError(STRETCH_WITHOUT_ROUTE, code="route_missing")
        if low is not None and high is not None and low > high:
            faults["milepost_to"] = ValidationError(STRETCH_BACKWARD, code="stretch_backward")
        if "," in self.route:
            sentence = "A rule names one route: write a rule of its own for each further route."
            faults["route"] = ValidationError(sentence, code="several_routes")
        if faults:
            raise ValidationError(faults)

    def wanted(self, name: str) -> tuple[str, ...]:
        """The values a condition accepts, as they were written; none: it accepts everything."""
        written = str(getattr(self, name))
        parts = written.split(",") if name in self.LISTS else [written]
        return tuple(part.strip() for part in parts if part.strip())

    def in_words(self) -> str:
        said = [f"{name} {_listed(wanted)}" for name in self.CONDITIONS if (wanted := self.wanted(name))]
        return ", ".join(said) + self._stretch() if said else "everything"

    def _stretch(self) -> str:
        low, high = self.milepost_from, self.milepost_to
        if low is not None and high is not None:
            return f" mile {low:g} to {high:g}"
        if low is not None:
            return f" from mile {low:g}"
        return f" up to mile {high:g}" if high is not None else ""


def _listed(words: tuple[str, ...]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
