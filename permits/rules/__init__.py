"""The rules of road permits as pure functions: no database, no clock of their own, no Django.

Every number and its source stands in docs/rules.md.
"""
