"""Incident reports over REST."""
