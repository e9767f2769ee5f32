"""Wiring: Dagster definitions, settings, stage keys, command line, release. Computes nothing.

The only room that imports the others.
"""
