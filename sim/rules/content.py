"""What is on the platforms: live posts summed into cells.

Equations (9) and (10) of MODEL.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(nogil=True, cache=True, _nrt=False)
def stock(posts: Any, day: int, kol: int, kol_days: float, koc_days: float, kol_fade: Any, koc_fade: Any, scale: float,
          tier: Any, content: Any, count: Any, sums: Any, creator_weight: Any) -> int:
    """Add up what the posts weigh today: appeal x ``fade[age]``, notes over ``scale``, the size of the market. Those
    younger than ``kol_days`` (channel ``kol``) or ``koc_days`` move to the front, the others do not count any more; how
    many are left.

    ``content`` and ``count`` [S, P, CH]: weight and number; ``sums`` [4, P, CH]: weight, and weight x signal, lift,
    trust; ``creator_weight`` [K, P]: weight of a tier's posts, ``tier`` that of each creator.
    """
    n = 0
    for k in range(len(posts)):
        post = posts[k]
        s, p, ch, age = post.platform, post.product, post.channel, day - post.born
        if age >= (kol_days if ch == kol else koc_days):
            continue
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
        if n < k:
            posts[n] = post
        n += 1
    return n


@njit(nogil=True, cache=True, _nrt=False)
def on_view(content: Any, count: Any, own: int, penalty: float, alike: Any, sums: Any, advertised: Any, hype: Any,
            signal: Any, lift: Any, credence: Any) -> None:
    """What the content comes to for those who see it.

    Its weight ``content`` falls by ``penalty`` for each further of ``count`` posts of a cell but in the channel
    ``own``, and by ``alike``, all [S, P, CH]. Filled: ``signal``, ``lift`` and ``credence`` [P, CH], the means of
    ``sums`` [4, P, CH]; what is ``advertised`` [P], 1 and 1 where there is no content. ``hype`` [P, CH] comes on top of
    the signal.
    """
    platforms, products, channels = content.shape
    for p in range(products):
        for ch in range(channels):
            for s in range(platforms):
                further = max(count[s, p, ch] - 1.0, 0.0) if ch != own else 0.0
                content[s, p, ch] /= 1.0 + penalty * further + alike[s, p, ch]
            weight, signal[p, ch] = sums[0, p, ch], hype[p, ch]
            if weight > 0.0:
                signal[p, ch] += sums[1, p, ch] / weight
                lift[p, ch] = sums[2, p, ch] / weight
                credence[p, ch] = sums[3, p, ch] / weight
            else:
                signal[p, ch] += advertised[p]
                lift[p, ch] = credence[p, ch] = 1.0
