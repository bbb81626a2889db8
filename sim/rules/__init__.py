"""Behaviours as pure functions: numbers in, number out. Kernels loop them, tests call them, notebooks plot them.

Kernels that allocate nothing are compiled with ``_nrt=False``: numba then counts no references of the arrays in them,
two atomic operations at every use of a column, which were a fourth of their time. They are handed what they fill.
"""

from sim import jitcache

jitcache.use()  # before any rule is compiled, whichever room is entered first
