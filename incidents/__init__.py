"""Incident reports (potholes, debris, dead signals): the second kind of case, not built yet.

It will stand beside ``permits`` on the same management layer; neither will know the other.
"""
