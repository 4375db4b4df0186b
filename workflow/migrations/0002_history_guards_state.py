"""The database itself refuses a state without its line of history, and a change to a line of history.

Whoever writes the row — ORM, bulk update, a console — a state moves only together with the event that says so: the
engine inserts the event first, then updates the case to that event's number, digest and state. A copy of the row that
somebody loaded earlier and saves now cannot set the case back either: its revision only grows.
"""

from django.db import migrations

MOVED = """
    (NEW.state <> OLD.state AND NOT EXISTS (
        SELECT 1 FROM workflow_event WHERE case_id = NEW.id AND seq = NEW.revision
        AND from_state = OLD.state AND to_state = NEW.state))
    OR (NEW.revision <> OLD.revision AND (NEW.revision < OLD.revision OR NOT EXISTS (
        SELECT 1 FROM workflow_event WHERE case_id = NEW.id AND seq = NEW.revision AND digest = NEW.head)))
    OR (NEW.revision = OLD.revision AND NEW.head <> OLD.head)
"""
CHANGED = """OLD.state <> NEW.state OR OLD.revision <> NEW.revision OR OLD.head <> NEW.head"""
SQLITE = [
    f"""
    CREATE TRIGGER case_state_has_history BEFORE UPDATE OF state, revision, head ON workflow_case
    WHEN {MOVED}
    BEGIN SELECT RAISE(ABORT, 'a state changes through the engine only'); END
    """,
    """
    CREATE TRIGGER event_is_append_only BEFORE UPDATE ON workflow_event
    BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END
    """,
    """
    CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON workflow_event
    BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END
    """,
]
POSTGRESQL = [
    f"""
    CREATE FUNCTION case_state_has_history() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF {MOVED} THEN
            RAISE EXCEPTION 'a state changes through the engine only' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    f"""
    CREATE TRIGGER case_state_has_history BEFORE UPDATE OF state, revision, head ON workflow_case
    FOR EACH ROW WHEN ({CHANGED}) EXECUTE FUNCTION case_state_has_history()
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
        for trigger in ("case_state_has_history", "event_is_append_only", "event_is_never_deleted"):
            schema_editor.execute(f"DROP TRIGGER {trigger}")


class Migration(migrations.Migration):
    dependencies = [("workflow", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
