"""How wrong parallel trends may be before an event study's conclusion fails (Rambachan and Roth 2023).

The coefficients b = [pre | post] are normal around effect + delta, delta the path the treated unit would
have drifted along by itself, 0 in the reference period that lies between ``pre`` and ``post``; its slopes
g are its change per unit of time between neighbouring periods. Two restrictions on them: ``smoothness``,
|g_i - g_(i-1)| <= M; relative ``magnitudes``, |g_i after| <= Mbar max|g before|; the full set of either is
``conditional``. Not here: where the covariance comes from (``inference.placebo_covariance``).
"""
