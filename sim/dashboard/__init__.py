"""The live page: a market one can watch and steer, every change of which is a line of YAML.

:mod:`sim.dashboard.session` is the model behind the page and knows nothing of pages; :mod:`sim.dashboard.player` lives
its days in a thread; the other modules draw and serve. Panel is imported only by those, and only when a page is served.
"""
