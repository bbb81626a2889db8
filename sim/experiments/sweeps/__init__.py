"""Sweeps: many cells (a point of a design under a strategy), each on the same seeds, kept as they finish.

``plan`` reads what is asked, ``design`` makes points of it, ``cells`` names every market by its content, ``conduct``
runs what is missing, by way of ``workers`` (processes here) or ``cluster`` (Dask), each doing ``work``; ``claims`` lets
several processes share a folder, ``parts`` is the memory on disk, ``tables`` puts the answer together, ``pilot`` says
beforehand what it will cost. The function itself is :func:`sim.experiments.sweep.sweep`. The layout of what is written
is described in :mod:`sim.experiments`, and for readers in ``docs/results.md``.
"""
