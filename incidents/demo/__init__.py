"""Incident reports to try Milepost on, and the teams that get them."""
