"""Panels of units, period by period (repository x country x week): two-way fixed effects on millions of
rows, by exact aggregation where the panel allows it and row by row where it does not.

Gives least squares and Poisson with unit and period effects, pre/post changes by group, and the triple
difference. Not here: which units and groups those are.
"""
