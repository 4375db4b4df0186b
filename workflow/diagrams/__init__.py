"""A workflow drawn: as SVG for people, as BPMN 2.0 for modelling tools. Both are read from the definition and the
lifecycle, and drawn by one layout; nothing is drawn by hand."""
