"""The clock: what "any event before 17:00 UTC is Chinese" measures, how to undo it, and the calendar.

Pure functions of stated hour profiles, hour counts and dates. Not here: hour data, estimates, files
other than the two tables of this folder.
"""
