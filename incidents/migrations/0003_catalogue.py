"""What can be reported, as it comes with the product; officers change it in the admin."""

from django.db import migrations

from incidents.categories import load


def forwards(apps, schema_editor):
    load(apps.get_model("incidents", "Category"), apps.get_model("incidents", "Question"))


class Migration(migrations.Migration):
    dependencies = [("incidents", "0002_one_level_of_duplicates")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
