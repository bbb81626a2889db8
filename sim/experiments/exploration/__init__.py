"""Exploring a scenario beyond its default numbers: what matters, what holds in most worlds, what is best.

``factors`` reads ranges (what is uncertain, what can be chosen), ``indices`` measures sensitivity, ``regret`` and
``prim`` judge choices over many worlds, ``trials`` runs candidates of an optimisation and ``finals`` confirms them. The
functions for users are :mod:`sim.experiments.sensitivity`, :mod:`sim.experiments.robust` and
:mod:`sim.experiments.optimise`; every market they need is a cell of a sweep, so nothing is run twice.
"""
