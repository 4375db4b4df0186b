"""The queue over all kinds of case, and the first screen that leads to it and to each kind's own queue."""

from django.contrib import admin

from workflow.admin.all_work import AllWork
from workflow.admin.first_screen import first_screen
from workflow.contrib.places.admin import CountyFilter
from workflow.models import Case


@admin.register(Case)
class EveryCase(AllWork):
    """All work, by county too."""

    list_filter = (*AllWork.list_filter, CountyFilter)


admin.site.first_screen = first_screen  # type: ignore[attr-defined]
