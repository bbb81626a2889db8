"""Behaviours as pure functions: numbers in, number out. Kernels loop them, tests call them alone, notebooks plot them."""
