"""The Open311 GeoReport v2 door: docs/open311.md says what it does where the specification is silent."""
