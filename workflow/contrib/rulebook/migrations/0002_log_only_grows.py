"""The database itself refuses to change or remove a line of the log of changes."""

from django.db import migrations

SQLITE = [
    """
    CREATE TRIGGER rule_change_is_append_only BEFORE UPDATE ON rulebook_rulechange
    BEGIN SELECT RAISE(ABORT, 'the log of changes is append-only'); END
    """,
    """
    CREATE TRIGGER rule_change_is_never_deleted BEFORE DELETE ON rulebook_rulechange
    BEGIN SELECT RAISE(ABORT, 'the log of changes is append-only'); END
    """,
]
POSTGRESQL = [
    """
    CREATE FUNCTION rule_change_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the log of changes is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$
    """,
    """
    CREATE TRIGGER rule_change_is_append_only BEFORE UPDATE OR DELETE ON rulebook_rulechange
    FOR EACH ROW EXECUTE FUNCTION rule_change_is_append_only()
    """,
]


def forwards(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION rule_change_is_append_only() CASCADE")
    else:
        for trigger in ("rule_change_is_append_only", "rule_change_is_never_deleted"):
            schema_editor.execute(f"DROP TRIGGER {trigger}")


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
