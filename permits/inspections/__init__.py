"""Inspections of permitted work: planned for a day, done with a checklist and photos, passed or failed.

| you want to | read |
|---|---|
| know what is stored | models.py |
| change a question of the checklist | checklist.py |
| know what passing and failing bring about | recording.py |
| know what inspectors press, and who may | desk.py, then forms.py and acts.py |
| change the inspector's day list | day.py |
| know how the crew on site reports start and stop | site_links.py, permits/views/site.py |
"""
