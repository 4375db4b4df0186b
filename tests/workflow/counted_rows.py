"""Every row of every table, counted and summed up: to prove that something wrote nothing."""

from django.apps import apps


def rows_of_everything():
    """Table -> its rows as they are; sessions come and go by themselves."""
    return {
        model._meta.db_table: sorted(map(repr, model._base_manager.values_list()))
        for model in apps.get_models()
        if model._meta.app_label not in ("sessions", "contenttypes", "auth")
    }
