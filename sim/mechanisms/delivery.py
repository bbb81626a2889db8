"""What arrives, how it pleases, and what follows: returns, reviews, trust, lapse, settlement.

    quality met   Q = q + spread z1 + fit_sd z2 - late_penalty x days late       z1, z2 standard normal, keyed by order
    parcel        a counterfeit, stopped by verification, tried on before: sim.rules.honesty
    surprise      d = (Q - E)/sigma,  sigma^2 = spread^2 + fit_sd^2              S = theta d+ - 2 theta d-
    return        logit^-1(r0 + r1 d + r2 u), u urgency    review  min(1, r + s S^2)    at once, on the day of delivery
    memory        E <- E + w (Q - E)       X <- X + x (S - X)                    trust and lapse: sim.rules.experience
    money         returned: refund, return freight, salvage or stock            kept: settled ``return_days`` later

Late means later than promised: ``logistics.promise_days`` (or the region's) after payment, or the product's own
delivery time where that is longer; of a presale, after the day announced. Samples are never returned, reviewed or
settled, and end no relation; their experience counts like any other. d is kept within 8 standard units and sigma above
.01, so that a product without noise has finite satisfaction.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from sim.ahead import SOON, ahead
from sim.contract import CHANNEL, CHANNELS, COUNT, NO_TOUCH, Mechanism
from sim.rng import Stream, day_key, entity_key, normal, uniform
from sim.rules.arrival import Keys, People, Terms, Wares
from sim.rules.experience import faded, lapse_probability, return_probability, review_probability, satisfaction, stars
from sim.rules.honesty import fit_noise, is_fake, is_stopped
from sim.rules.memory import moved
from sim.rules.packed import EVIDENCE, FELT, QUALITY, SHARE, code_of, number_of
from sim.scenario.parameters import DeliveryParams
from sim.state.goods import goods
from sim.state.judgement import promised
from sim.state.ledger import CARRIER, CONSUMERS, ESCROW, OWN, SUPPLIER, entries
from sim.state.listings import delays
from sim.state.records import RECEIVED, RETURNED, SETTLED, Calendar
from sim.state.team import between_neighbours, gathered, neighbours, shares_of
from sim.state.world import fen

_DELIVERED, _RETURNED, _REFUNDED = COUNT["delivered"], COUNT["returned"], COUNT["refunded"]
_SETTLED, _REVIEWS, SEARCH = COUNT["settled"], COUNT["reviews"], CHANNEL["search"]
_CANCELLED = COUNT["cancelled"]
BACK, SALES, FEES = 0, 3, 4
"""First rows of the morning's money: refund, way back, salvage; sales; fees by platform, then commissions by tier."""
NOTHING = np.zeros(0, np.int64)
STREAMS = (Stream.QUALITY, Stream.FIT, Stream.RETURN, Stream.REVIEW, Stream.LAPSE, Stream.REFUSAL,
           Stream.PARCEL)
_SIGMA_FLOOR, _D_BOUND, STOPPED = 0.01, 8.0, 2


@njit(inline="always")
def _met(key: Any, quality: float, spread: float, fit_sd: float, broken: float, t: Any, keys: Any) -> float:
    """Quality met by one order, before lateness; ``broken``: chance of a problem that service does not mend."""
    met = quality
    if broken > 0.0 and uniform(entity_key(keys.quality, key), 7) < broken:
        met -= t.problem_loss
    if spread > 0.0:
        met += spread * normal(entity_key(keys.quality, key), 0)
    if fit_sd > 0.0:
        met += fit_sd * normal(entity_key(keys.fit, key), 0)
    return met


@njit(inline="always")
def _judge(people: Any, i: int, p: int, m: int, day: int, q: float, s: float, t: Any) -> None:
    """What person i learns about product p and merchant m from quality q and satisfaction s."""
    days = max(0.0, float(day - people.trust_day[i, m]))
    good = faded(number_of(people.trust_good[i, m], EVIDENCE), t.prior_good, days, t.half_life)
    bad = faded(number_of(people.trust_bad[i, m], EVIDENCE), t.prior_bad, days, t.half_life)
    if s >= t.bad_below:
        good += 1.0
    else:
        bad += t.trust_bad
    people.trust_good[i, m] = code_of(good, EVIDENCE)
    people.trust_bad[i, m] = code_of(bad, EVIDENCE)
    people.trust_day[i, m] = day
    expected, felt = number_of(people.expectation[i, p], QUALITY), number_of(people.experience[i, p], FELT)
    people.expectation[i, p] = code_of(moved(expected, q, t.expectation_rate), QUALITY)
    people.experience[i, p] = code_of(moved(felt, s, t.experience_rate), FELT)
    if len(people.last_delivery) > 0:
        people.last_delivery[i, p] = day


@njit(inline="always")
def _take_back(o: Any, m: int, refund: Any, sent_back: Any) -> None:
    """The price of order ``o`` is owed to its buyer, the unit is the merchant's again."""
    o["status"] = RETURNED
    refund[m] += o["price"]
    sent_back[o["product"]] += 1


@njit(nogil=True, cache=True, _nrt=False)
def _deliver(orders: Any, picked: Any, turn: Any, day: int, wares: Any, promise: Any, announced: Any, accepted: Any,
             broken: Any, goods: Any, people: Any, t: Any, keys: Any, rating_sum: Any, review_count: Any, refund: Any,
             sent_back: Any, tally: Any, out: Any) -> None:
    """Deliver the orders ``picked``, in the order ``turn`` of their places; ``out`` has one row for each place.
    ``promise`` [regions, S, P] counts from payment or ``announced``; ``accepted`` [regions]: returns taken back."""
    for y in range(len(turn)):
        if y + 2 * SOON < len(turn):
            ahead((orders,), picked[turn[y + 2 * SOON]])
            ahead(people, orders[picked[turn[y + SOON]]]["consumer"])
        x = turn[y]
        o = orders[picked[x]]
        i, p, key = o["consumer"], o["product"], o["key"]
        m = wares.merchant[p]
        ch = o["last_touch"] if o["last_touch"] != NO_TOUCH else SEARCH
        parcel = entity_key(keys.parcel, key)
        fake = is_fake(parcel, p, goods)
        if not o["sample"] and is_stopped(parcel, p, fake, goods):
            _take_back(o, m, refund, sent_back)
            tally[_CANCELLED, p, ch] += 1
            out[x]["returned"] = STOPPED
            continue
        place = o["platform"] if o["platform"] < promise.shape[1] else 0
        late = max(0.0, float(day - max(o["paid_day"], announced[p])) - promise[people.region[i], place, p])
        made = goods.fake_quality[p] if fake else wares.quality[p]
        noise = fit_noise(parcel, p, wares.fit_sd[p], goods)
        q = _met(key, made, wares.spread[p], noise, broken[m], t, keys)
        q -= t.late_penalty * late
        sigma = math.sqrt(wares.spread[p] ** 2 + wares.fit_sd[p] ** 2)
        d = (q - number_of(people.expectation[i, p], QUALITY)) / max(_SIGMA_FLOOR, sigma)
        d = min(_D_BOUND, max(-_D_BOUND, d))
        s = satisfaction(d, t.theta)
        _judge(people, i, p, m, day, q, s, t)
        o["delivered_day"] = day
        o["satisfaction"] = s
        o["status"] = RECEIVED
        returned = 0
        if not o["sample"]:
            tally[_DELIVERED, p, ch] += 1
            chance = return_probability(d, t.return_base, t.return_slope,
                                        goods.ease[p] + t.return_urgency * 0.01 * o["urgency"])
            taken = accepted[people.region[i]]
            wished = uniform(entity_key(keys.returns, key), 0) < chance
            if wished and (taken >= 1.0 or uniform(entity_key(keys.refusal, key), 0) < taken):
                returned = 1
                _take_back(o, m, refund, sent_back)
                tally[_RETURNED, p, ch] += 1
                tally[_REFUNDED, p, ch] += o["price"]
            if uniform(entity_key(keys.review, key), 0) < review_probability(s, t.review_base, t.review_square):
                rating_sum[p] += stars(s)
                review_count[p] += 1.0
                tally[_REVIEWS, p, ch] += 1
            if t.lapse >= 0.0:
                leaving = lapse_probability(number_of(people.lapse_p[i, m], SHARE), s, t.lapse)
                if uniform(entity_key(keys.lapse, key), 0) < leaving:
                    people.alive[i, m] = 0
        e = out[x]
        e["key"] = key
        e["consumer"] = i
        e["product"] = p
        e["platform"] = o["platform"]
        e["sample"] = o["sample"]
        e["returned"] = returned
        e["satisfaction"] = s
        e["quality"] = q
        e["order"] = picked[x]
        e["fake"] = fake


@njit(nogil=True, cache=True, _nrt=False)
def _settle(orders: Any, kept: Any, merchant: Any, fee: Any, commission: Any, tally: Any, sent_back: Any, stock: Any,
            salvage: Any, freight: int, fen: Any) -> None:
    """Put units ``sent_back`` [P] into stock, or what was made to order on the supplier's bill, and close the kept
    orders, fee and commission rounded to the fen by order. ``fen`` [rows, M]: the morning's money."""
    for p in range(len(sent_back)):
        m = merchant[p]
        fen[BACK + 1, m] += sent_back[p] * freight
        if stock[p] < 0:
            fen[BACK + 2, m] += sent_back[p] * salvage[p]
        else:
            stock[p] += sent_back[p]
    for k in kept:
        o = orders[k]
        if o["status"] != RECEIVED:
            continue
        o["status"] = SETTLED
        if o["sample"]:
            continue
        p, price = o["product"], o["price"]
        m = merchant[p]
        ch = o["last_touch"] if o["last_touch"] < len(CHANNELS) else SEARCH
        tally[_SETTLED, p, ch] += price
        fen[SALES, m] += price
        if o["platform"] < len(fee):
            fen[FEES + o["platform"], m] += np.int64(np.rint(price * fee[o["platform"]]))
        if o["creator"] >= 0:
            fen[FEES + len(fee) + o["creator"], m] += np.int64(np.rint(price * commission[o["creator"]]))


class Delivery(Mechanism):
    """From the door to the books: experience, returns, reviews, trust, lapse, settlement."""

    name = "delivery"
    Params = DeliveryParams
    reads = ("lapse_p", "ledger", "region", "announced")
    writes = (
        "expectation", "experience", "last_delivery", "alive", "trust_good", "trust_bad", "trust_day", "rating_sum",
        "review_count", "stock", "orders", "bills", "experiences",
    )
    equation = "d = (Q-E)/sigma;  S = theta d+ - 2 theta d-;  P(return) = logit^-1(r0 + r1 d + r2 u);  T = a/(a+b)"

    def prepare(self, view: Any, day: int) -> None:
        """Parameters as numbers; promised days [regions, S, P]; costs of a return, fen; what may still be settled."""
        p, world = self.params, view.world
        loyalty = world.scenario.mechanisms.loyalty
        here = not world.scenario.mechanisms.reviews.enabled  # else they are written one by one, elsewhere
        logistics = world.scenario.logistics
        self.terms = Terms(
            p.theta, p.return_base, p.return_slope, p.return_urgency, here * p.review_base, here * p.review_square,
            p.expectation_rate, p.experience_rate, p.late_penalty, p.problem_loss, p.trust_half_life, p.trust_bad,
            p.trust_bad_below, p.trust_prior_good, p.trust_prior_bad, loyalty.c_s if loyalty.enabled else -1.0,
        )
        self.promise = promised(world)[:, None, :] + np.maximum(0.0, delays(world))
        self.accepted = np.array([r.returns_accepted for r in logistics.regions] or [1.0], float)
        self.broken = np.array([p.problem_rate * (1.0 - m.service) for m in world.scenario.merchants], float)
        self.goods = goods(world)
        self.stops = bool(self.goods.verified.any())
        self.keys = Keys(*(day_key(view.seed, stream, 0) for stream in STREAMS))
        w = world.products
        self.wares = Wares(w.merchant, w.quality, w.spread, w.fit_sd)
        self.return_freight = fen(logistics.freight * p.return_freight_merchant)
        self.salvage = np.rint(p.salvage * world.products.unit_cost).astype(np.int64)
        self.commission = np.array([tier.commission for tier in world.scenario.creators], float)
        platform0, creator0 = view.ledger.platform0, view.ledger.creator0
        self.entries = entries(
            (ESCROW, CONSUMERS, "refund"), (OWN, CARRIER, "return_freight"), (SUPPLIER, OWN, "salvage"),
            (ESCROW, OWN, "settlement"),
            *((OWN, platform0 + s, "platform_fee") for s in range(len(world.platforms.fee))),
            *((OWN, creator0 + k, "commission") for k in range(len(self.commission))))
        if not hasattr(self, "received"):
            self.received = Calendar()

    def morning(self, view: Any, day: int) -> None:
        """Deliver what is due, then settle what was kept long enough."""
        view.experiences.grew(0)
        world, ledger = view.world, view.ledger
        fen = np.zeros((len(self.entries), len(world.merchants)), np.int64)
        due, sent_back = view.orders.due.take(day), NOTHING
        if len(due):
            sent_back = self._arrive(view, day, due, fen[BACK])
        kept = self.received.take(day - self.params.return_days)
        if len(due) or len(kept):
            _settle(view.orders.rows, kept, self.wares.merchant, world.platforms.fee, self.commission, view.tally,
                    sent_back, view.stock, self.salvage, self.return_freight, fen)
            ledger.owe(view.bills, self.entries, fen)

    def _arrive(self, view: Any, day: int, due: np.ndarray, refund: np.ndarray) -> np.ndarray:
        """The parcels ``due`` (rows of the orders) arrive; units sent back, int64[P], their fen into ``refund`` [M]."""
        orders, products = view.orders.rows, len(view.stock)
        people = People(view.expectation, view.experience, view.last_delivery, view.alive, view.lapse_p,
                        view.trust_good, view.trust_bad, view.trust_day, view.region)
        out = view.experiences.reserve(len(due))
        person = orders["consumer"][due]
        turn = neighbours(person, len(view.alive))
        pieces = between_neighbours(person, turn, view.team.cut(len(due)))
        tally, owed = shares_of(view.tally, len(pieces)), shares_of(refund, len(pieces))

        def deliver(k: int) -> tuple[np.ndarray, ...]:
            sums = np.zeros(products), np.zeros(products), owed[k], np.zeros(products, np.int64), tally[k]
            _deliver(orders, due, turn[slice(*pieces[k])], day, self.wares, self.promise, view.announced,
                     self.accepted, self.broken, self.goods, people, self.terms, self.keys, *sums, out)
            return sums

        done = view.team.each(deliver, len(pieces))
        ratings, reviews, _, sent_back, _ = (gathered(list(part)) for part in zip(*done, strict=True))
        view.rating_sum[:] += ratings  # whole stars: sums of any pieces are the same
        view.review_count[:] += reviews
        view.experiences.grew(len(due))
        if self.stops:
            view.experiences.keep(view.experiences.rows["returned"] != STOPPED)
        self.received.add(day, due)
        return sent_back
