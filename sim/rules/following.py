"""Who follows somebody and sees what she posted today.

Equation (23) of MODEL.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.rng import entity_key, uniform
from sim.rules.exposure import word
from sim.rules.search import first_at_least


@njit(nogil=True, cache=True, _nrt=False)
def followers_see(lo: int, hi: int, ids: Any, visited: Any, indptr: Any, followers: Any, author: Any, product: Any,
                  platform: Any, post_key: Any, chance: Any, channel: int, base: Any, out: Any, filled: int) -> int:
    """Exposures of the people [lo, hi) to posts of those they follow, as words from ``filled`` on; how many there are.

    A follower who opened the post's platform today sees it with its ``chance`` (probability), drawn by (post, person).
    ``author``, ``product``, ``platform``, ``post_key``, ``chance``: arrays over posts; ``indptr``, ``followers``: the
    follower graph, followers ascending; ``visited`` uint32[N], a bit a platform. Source: model section 4.9.
    """
    for x in range(len(author)):
        a, b = indptr[author[x]], indptr[author[x] + 1]
        start = first_at_least(followers, a, b, lo)
        who = entity_key(base, post_key[x])
        s = platform[x]
        for f in range(start, b):
            i = followers[f]
            if i >= hi:
                break
            if visited[i] & np.uint32(1 << s) and uniform(who, ids[i]) < chance[x]:
                out[filled] = word(i - lo, product[x], channel, s, 1)
                filled += 1
    return filled
