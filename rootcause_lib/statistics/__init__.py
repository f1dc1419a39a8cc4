"""Estimators on plain numbers, arrays and frames of counts.

Nothing here knows an engine, a contact or a client: sums and counts go in, values with intervals come out.
"""
