"""Designs and fits: every unit's coefficients at once, one module an estimator."""
