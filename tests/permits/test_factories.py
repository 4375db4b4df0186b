import pytest

from permits.lifecycle import State
from tests.permits.factories import in_state


@pytest.mark.django_db
@pytest.mark.parametrize("state", State.values)
def test_every_state_is_reached_through_the_engine(state, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    permit = in_state(state)
    assert permit.state == state
    assert permit.events.count() == permit.revision
