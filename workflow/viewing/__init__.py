"""Documents looked at in place: a stranger's file is drawn as our own picture, by a process that may do little else.

Start with ``pictures.shown``: which page of which document, at which zoom. ``artist`` is the program that draws.
"""
