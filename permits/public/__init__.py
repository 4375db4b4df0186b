"""Open data of road permits: the work zones as WZDx, all works as GeoJSON. No person, no free text."""
