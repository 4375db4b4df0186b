"""Rules that differ from their originals, the office's own days, and the log that only grows."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils import timezone

from workflow.clock import SATURDAY, calendar_for, state_holidays


class Edition(models.Model):
    """One row: the number and the token of the newest change. A process that knows the token knows the rules."""

    number = models.PositiveIntegerField(default=0)
    token = models.CharField(max_length=32)

    @classmethod
    def locked(cls) -> Edition:
        """The row, locked until the transaction ends: changes of rules happen one after the other."""
        found = cls.objects.select_for_update().filter(pk=1).first()
        return found or cls.objects.get_or_create(pk=1, defaults={"token": secrets.token_hex(16)})[0]


class Override(models.Model):
    """The value of a rule that an officer changed, as JSON. Without a row the rule has its original."""

    key = models.CharField(max_length=100, unique=True)
    value = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = "rule"
        verbose_name_plural = "fees, deadlines, reasons, messages"

    def __str__(self) -> str:
        return self.key


class OwnDay(models.Model):
    """A day that the office is closed beside the state's holidays, or a holiday on which it works."""

    date = models.DateField(unique=True, error_messages={"unique": "This day is in the list already: change it there."})
    name = models.CharField(max_length=80, help_text="For example: Snow emergency, closed by the Governor.")
    is_open = models.BooleanField(
        "the office works", default=False, help_text="Only for a state holiday on which the office works after all."
    )

    class Meta:
        verbose_name = "holiday"
        ordering: ClassVar = ["date"]

    def __str__(self) -> str:
        return f"{self.date:%a, %b} {self.date.day}, {self.date.year}: {self.name}"

    def clean(self) -> None:
        """Refuse a day that changes nothing."""
        super().clean()
        if not self.date:
            return
        works = calendar_for(settings.STATE_CODE, settings.TIME_ZONE).is_working_day(self.date)
        if self.is_open and self.date not in state_holidays(settings.STATE_CODE, self.date.year):
            sentence = "This is no state holiday: the office works then anyway, or it is a weekend, which stays closed."
            raise ValidationError({"is_open": ValidationError(sentence, code="no_holiday")})
        if self.is_open and self.date.weekday() >= SATURDAY:
            raise ValidationError({"date": ValidationError("A weekend day stays closed.", code="weekend")})
        if not self.is_open and not works:
            raise ValidationError({"date": ValidationError("The office is closed on this day anyway.", code="closed")})


class RuleChangeQuerySet(models.QuerySet["RuleChange"]):
    """Lines are added one by one."""

    def update(self, **values: Any) -> NoReturn:
        raise TypeError("The log of changes is append-only.")

    def delete(self) -> NoReturn:
        raise TypeError("The log of changes is append-only.")


class RuleChange(models.Model):
    """One line: who changed what, when, from what to what. ``before`` null: it was new; ``after`` null: removed."""

    class Area(models.TextChoices):
        RULE = "rule", "Fees, deadlines, reasons, messages"
        HOLIDAY = "holiday", "Holidays"
        TEAM = "team", "Teams"
        ROUTING = "routing", "Routing rules"
        CATEGORY = "category", "Categories and their questions"
        OTHER = "other", "Something else"

    at = models.DateTimeField("when", default=timezone.now, db_index=True)
    who = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="person"
    )
    name = models.CharField("who", max_length=120)
    area = models.CharField("about", max_length=20, choices=Area.choices)
    key = models.CharField(max_length=100, help_text="Of the rule, or kind and number of the row.")
    what = models.CharField(max_length=300)
    before = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(null=True, encoder=DjangoJSONEncoder)

    objects = RuleChangeQuerySet.as_manager()

    class Meta:
        verbose_name = "change of a rule"
        verbose_name_plural = "changes of rules"
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [models.Index(fields=["key", "-id"], name="rulechange_by_key")]

    def __str__(self) -> str:
        return self.what

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("The log of changes is append-only.")
        with transaction.atomic():
            super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("The log of changes is append-only.")
