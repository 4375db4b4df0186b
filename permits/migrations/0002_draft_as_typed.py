from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("permits", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="roadpermit",
            name="typed",
            field=models.JSONField(blank=True, default=dict, help_text="A draft's pages as they were typed; empty once filed."),
        ),
    ]
