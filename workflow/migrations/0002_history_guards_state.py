"""The database itself refuses a state without its line of history, and a change to a line of history.

Whoever writes the row — ORM, bulk update, a console — a state moves only together with the event that says so: the
engine inserts the event first, then updates the case to that event's number and state.
"""

from django.db import migrations

SQLITE = [
    """
    CREATE TRIGGER case_state_has_history BEFORE UPDATE OF state ON workflow_case
    WHEN OLD.state <> NEW.state AND NOT EXISTS (
        SELECT 1 FROM workflow_event WHERE case_id = NEW.id AND seq = NEW.revision
        AND from_state = OLD.state AND to_state = NEW.state)
    BEGIN SELECT RAISE(ABORT, 'a state changes through the engine only'); END
    """,
    """
    CREATE TRIGGER event_is_append_only BEFORE UPDATE ON workflow_event
    BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END
    """,
]
POSTGRESQL = [
    """
    CREATE FUNCTION case_state_has_history() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM workflow_event WHERE case_id = NEW.id AND seq = NEW.revision
                       AND from_state = OLD.state AND to_state = NEW.state) THEN
            RAISE EXCEPTION 'a state changes through the engine only' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER case_state_has_history BEFORE UPDATE OF state ON workflow_case
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION case_state_has_history()
    """,
    """
    CREATE FUNCTION event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the history is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$
    """,
    """
    CREATE TRIGGER event_is_append_only BEFORE UPDATE OR DELETE ON workflow_event
    FOR EACH ROW EXECUTE FUNCTION event_is_append_only()
    """,
]


def forwards(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION case_state_has_history() CASCADE")
        schema_editor.execute("DROP FUNCTION event_is_append_only() CASCADE")
    else:
        schema_editor.execute("DROP TRIGGER case_state_has_history")
        schema_editor.execute("DROP TRIGGER event_is_append_only")


class Migration(migrations.Migration):
    dependencies = [("workflow", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
