"""What the headline test rejects and covers in simulated worlds, beside the errors others would print.

``worlds`` simulates, ``trials`` asks event_study's own functions, ``conventional`` has the errors of
the literature for many draws at once, ``results`` counts, ``report`` and ``figure`` tell. Everything
here is SIMULATED. Run by ``python -m benchmarks.calibrate``; ``hard_worlds`` by
``python -m benchmarks.persistence``.
"""
