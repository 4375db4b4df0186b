"""The database itself refuses chains and rings of joined reports, whoever writes the row.

A joined report points at one that stands on its own: what is pointed at points nowhere, and what points nowhere else
may be pointed at. So a chain has one link and a ring cannot close.
"""

from django.db import migrations

CHAINED = """EXISTS (SELECT 1 FROM incidents_incident WHERE case_ptr_id = NEW.duplicate_of_id
        AND duplicate_of_id IS NOT NULL)
    OR EXISTS (SELECT 1 FROM incidents_incident WHERE duplicate_of_id = NEW.case_ptr_id)
    OR NEW.duplicate_of_id = NEW.case_ptr_id"""
SENTENCE = "a report is joined with one that stands on its own"
SQLITE = [
    f"""
    CREATE TRIGGER {name} BEFORE {event} ON incidents_incident
    WHEN NEW.duplicate_of_id IS NOT NULL AND ({CHAINED})
    BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END
    """
    for name, event in (
        ("one_level_of_duplicates", "UPDATE OF duplicate_of_id"),
        ("one_level_of_new_duplicates", "INSERT"),
    )
]
# The row pointed at is locked first: two who join crosswise at the same time cannot both see the other free.
POSTGRESQL = [
    f"""
    CREATE FUNCTION one_level_of_duplicates() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM 1 FROM incidents_incident WHERE case_ptr_id = NEW.duplicate_of_id FOR NO KEY UPDATE;
        IF {CHAINED} THEN
            RAISE EXCEPTION '{SENTENCE}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER one_level_of_duplicates BEFORE INSERT OR UPDATE OF duplicate_of_id ON incidents_incident
    FOR EACH ROW WHEN (NEW.duplicate_of_id IS NOT NULL) EXECUTE FUNCTION one_level_of_duplicates()
    """,
]


def forwards(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION one_level_of_duplicates() CASCADE")
    else:
        schema_editor.execute("DROP TRIGGER one_level_of_duplicates")
        schema_editor.execute("DROP TRIGGER one_level_of_new_duplicates")


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
