"""Who owns which cases, and the ordered rules that say so."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q


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
    category = models.CharField(max_length=40, blank=True, help_text="For example the permit type; empty: any.")
    district = models.CharField(max_length=40, blank=True, help_text="Empty: any.")
    county = models.CharField(
        max_length=40, blank=True, help_text="County in lower case, for example polk; empty: any."
    )
    route = models.CharField(max_length=40, blank=True, help_text="Route designation, for example US-69; empty: any.")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="rules")
    is_active = models.BooleanField(default=True)

    CONDITIONS: ClassVar = ("workflow", "category", "district", "county", "route")

    class Meta:
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return f"{self.order}: {self.in_words()} goes to {self.team}"

    def in_words(self) -> str:
        said = [f"{name} {getattr(self, name)}" for name in self.CONDITIONS if getattr(self, name)]
        return ", ".join(said) or "everything"
