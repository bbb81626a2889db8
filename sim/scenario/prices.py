"""The price list: which list prices hold on a day."""

from __future__ import annotations

from typing import Any

from sim.scenario.calendar import day_of


def product_index(model: Any) -> dict[str, list[tuple[int, int]]]:
    """Positions (merchant, product) by ``merchant.product``, and by the name of the product alone, one a merchant.

    A product of the focal merchant is meant by its name alone, whoever else sells one of that name.
    """
    alone: dict[str, dict[int, int]] = {}
    whole: dict[str, list[tuple[int, int]]] = {}
    for m, merchant in enumerate(model.merchants):
        for p, product in enumerate(merchant.products):
            alone.setdefault(product.name, {}).setdefault(m, p)
            whole[f"{merchant.name}.{product.name}"] = [(m, p)]
    focal = {m for m, merchant in enumerate(model.merchants) if merchant.name == model.focal}
    short = {name: {m: owners[m] for m in focal & set(owners)} or owners for name, owners in alone.items()}
    return {name: list(owners.items()) for name, owners in short.items()} | whole


def price_days(model: Any) -> list[int]:
    """Days on which a price of the list begins, sorted."""
    days = {day_of(line.day, model.market.start) for line in model.prices}
    return sorted(day for day in days if day is not None)


def with_prices(model: Any, day: int) -> Any:
    """The model with the list prices of a day in place of its products' own. They were validated as they were read."""
    index = product_index(model)
    latest: dict[tuple[int, int], tuple[int, float]] = {}
    for line in model.prices:
        begins = day_of(line.day, model.market.start)
        (at,) = index[line.product]
        if begins is not None and latest.get(at, (-1,))[0] < begins <= day:
            latest[at] = (begins, line.price)
    merchants = list(model.merchants)
    for m in {m for m, _ in latest}:
        products = list(merchants[m].products)
        for (owner, p), (_, price) in latest.items():
            if owner == m:
                products[p] = products[p].model_copy(update={"price": price})
        merchants[m] = merchants[m].model_copy(update={"products": products})
    return model.model_copy(update={"merchants": merchants})
