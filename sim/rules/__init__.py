"""Behaviours as pure functions: numbers in, number out. Kernels loop them, tests call them, notebooks plot them."""

from sim import jitcache

jitcache.use()  # before any rule is compiled, whichever room is entered first
