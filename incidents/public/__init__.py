"""What everybody may see of incidents, without an account: pages, map, GeoJSON, Atom, CSV. Never a person.

| you want | look at |
|---|---|
| which reports a list, map, feed, export or watch is about | ``filters`` |
| the filter as a form on a page, and what is wrong with an address | ``forms`` |
| the pages | ``views``, ``story`` |
| points and clusters of the map, outlines of the counties | ``geo`` |
| Atom and CSV | ``feeds`` |
"""
