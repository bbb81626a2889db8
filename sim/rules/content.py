"""What is on the platforms: live posts summed into cells.

Equations (9) and (10) of MODEL.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def drop_dead(posts: Any, day: int, kol: int, kol_days: float, koc_days: float) -> int:
    """Move the posts younger than ``kol_days`` (channel ``kol``) or ``koc_days`` to the front; how many there are."""
    n = 0
    for k in range(len(posts)):
        if day - posts[k].born < (kol_days if posts[k].channel == kol else koc_days):
            if n < k:
                posts[n] = posts[k]
            n += 1
    return n


@njit(nogil=True, cache=True)
def stock(posts: Any, day: int, kol: int, kol_fade: Any, koc_fade: Any, scale: float, tier: Any, content: Any,
          count: Any, sums: Any, creator_weight: Any) -> None:
    """Add up what the posts weigh today: appeal x ``fade[age]``, notes over ``scale``, the size of the market.

    ``content`` and ``count`` [S, P, CH]: weight and number; ``sums`` [4, P, CH]: weight, and weight x signal, lift,
    trust; ``creator_weight`` [K, P]: weight of a tier's posts, ``tier`` that of each creator.
    """
    for k in range(len(posts)):
        post = posts[k]
        s, p, ch, age = post.platform, post.product, post.channel, day - post.born
        if ch == kol:
            weight = post.weight * kol_fade[age]
            creator_weight[tier[post.author], p] += weight
            count[s, p, ch] += 1.0
        else:
            weight = post.weight * koc_fade[age] / scale
            count[s, p, ch] += 1.0 / scale
        content[s, p, ch] += weight
        sums[0, p, ch] += weight
        sums[1, p, ch] += weight * np.float64(post.signal)
        sums[2, p, ch] += weight * np.float64(post.lift)
        sums[3, p, ch] += weight * np.float64(post.trust)
