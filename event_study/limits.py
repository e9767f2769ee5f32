"""What is too few, or too much, to estimate from. Fixed before looking: part of every spec's hash."""

from __future__ import annotations

MIN_DONORS = 19  # 1/(19+1) is the first p-value that reaches 5 %
MIN_WINDOWS = 20  # disjoint placebo windows, for a rank among dates to reach 5 %
MAX_UNKNOWN = 0.80  # of an outcome without a certain unit: above it what is known is no sample of it
MIN_UNKNOWN = 0.01  # below it the unknown overturn nothing that the known had not left open
MIN_SEEN = 0.5  # of a period after an event: a step read off 30 days of a year is multiplied by twelve
MIN_ACTIVE = 0.25  # of the periods before the first event, for a count that a log ratio is made of
MAX_BRIDGED = 0.1  # of the compared periods that a donor may lack: its cells are bridged, not the donor lost
MIN_PRE = 4  # a scale from fewer periods before the first event is a number, not a scale
MIN_HOLIDAY = 0.1  # of a period's days in holiday weeks, for the period to be left out for them
VIF_LIMIT = 10.0  # above it a warning
VIF_HOPELESS = 100.0  # above it ten times the error of an event alone: two names for one thing
MIN_LABELLED = 30  # actors of a stated place: a clock's confusion of fewer is theirs, not their place's
MIN_MIXTURE = 20_000  # events behind a mixture of hour profiles: below it the shares' error passes 2 points
