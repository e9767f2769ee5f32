"""What the headline test rejects and covers in simulated worlds, beside the errors others would print.

``worlds`` simulates, ``trials`` asks event_study's own functions, ``conventional`` has the errors of
the literature for many draws at once, ``tally`` counts, ``document`` and ``figure`` report. Everything
here is SIMULATED. Run by ``python -m benchmarks.calibrate``; ``hard_worlds`` by ``benchmarks.persistence``.
"""
