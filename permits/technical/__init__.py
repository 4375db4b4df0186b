"""The technical review inside reviewSafety: several specialists at once, each with a task and a deadline.

| you want to ...                      | read             |
|--------------------------------------|------------------|
| know who is asked, and how long they have | specialties.py |
| see the flow                         | flows.py         |
| see what starts, ends and delays it  | reviews.py       |
| see the officers' list, and its counts on the first screen | admin.py |
| see it drawn, as SVG and BPMN        | diagram.py       |

The permit's own lifecycle waits for it through the guard ``reviews_are_in`` (docs/adr/0014).
"""
