"""Kernels that grow groups of buildings and improve them: moves, swaps, mergers, pairs, farewells.

The value of a group is what its members share: the expected use of the pooled load, less what each
uses itself, summed over the kinds of quarter-hour of `groups.Signatures`. The aim is the sum of the
values less a fixed amount per member.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from zonnekaart.energy.variation import LOG_FIRST, LOG_STEP, RATIO_STEPS

FloatArray = npt.NDArray[np.float64]
Float32Array = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_EPSILON_KWH = 1e-6

Data = tuple[Float32Array, Float32Array, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]
"""Production and load per kind, energy, connections, spread of one, own use alone, use table."""
Where = tuple[FloatArray, IntArray, BoolArray, IntArray, IntArray]
"""Points, area, linked areas, first partner, partners."""
Rule = tuple[float, bool, float]
"""Largest distance, between any two or from the centre, least gain of a member."""
State = tuple[
    IntArray,
    IntArray,
    IntArray,
    IntArray,
    FloatArray,
    IntArray,
    Float32Array,
    Float32Array,
    IntArray,
]
"""Group of each building; centre, members, count and value of each group; how many there are;
production and load of each group; the round in which each group last changed."""


@numba.njit(nogil=True, cache=True)
def _table_place(
    energy_0: float,
    energy_1: float,
    connections_0: float,
    connections_1: float,
    spread_of_one: FloatArray,
    spreads: int,
) -> tuple[int, float]:
    """Place of a summed load in the table of expected use; -1 for a load without spread."""
    total = energy_0 + energy_1
    if total <= 0.0:
        return -1, 0.0
    first = energy_0 * spread_of_one[0] / np.sqrt(max(connections_0, 1.0))
    second = energy_1 * spread_of_one[1] / np.sqrt(max(connections_1, 1.0))
    spread = np.sqrt(first * first + second * second) / total
    if spread <= 0.0:
        return -1, 0.0
    position = max(1.0 + (np.log(spread) - LOG_FIRST) / LOG_STEP, 0.0)
    low = min(int(position), spreads - 2)
    return low, min(position - low, 1.0)


@numba.njit(nogil=True, cache=True)
def _use(production: float, load: float, low: int, part: float, table: FloatArray) -> float:
    """Return expected use as `variation.expected_use` does, straight from two rows of the table."""
    if production <= 0.0 or load <= 0.0:
        return 0.0
    if low < 0:
        return min(production, load)
    place = production / load * RATIO_STEPS
    last = table.shape[1] - 1
    if place >= last:
        top = (1.0 - part) * table[low, last] + part * table[low + 1, last]
        tail: float = load * (1.0 - (1.0 - top) * last / place)
        return tail
    i = int(place)
    share = place - i
    left = (1.0 - part) * table[low, i] + part * table[low + 1, i]
    right = (1.0 - part) * table[low, i + 1] + part * table[low + 1, i + 1]
    used: float = load * (left + (right - left) * share)
    return min(used, production, load)


@numba.njit(nogil=True, cache=True, parallel=True)
def use_alone(
    arrays: tuple[Float32Array, Float32Array],
    energy: FloatArray,
    connections: FloatArray,
    spread_of_one: FloatArray,
    table: FloatArray,
    alone: FloatArray,
) -> None:
    """Write the own use of each building, summed over the kinds of quarter-hour. [kWh]."""
    production, load = arrays
    for b in numba.prange(alone.size):
        low, part = _table_place(
            energy[b, 0],
            energy[b, 1],
            connections[b, 0],
            connections[b, 1],
            spread_of_one,
            table.shape[0],
        )
        total = 0.0
        for k in range(production.shape[1]):
            total += _use(production[b, k], load[b, k], low, part, table)
        alone[b] = total


@numba.njit(nogil=True, cache=True)
def _value(g: int, add: int, leave: int, data: Data, state: State) -> float:
    """Shared energy of a group with one more (`add`) and one less (`leave`), -1 for none."""
    production, load, energy, connections, spread_of_one, alone, table = data
    members, count = state[2], state[3]
    e0 = e1 = c0 = c1 = own = 0.0
    n = 0
    for i in range(count[g] + 1):
        b = add if i == count[g] else members[g, i]
        if b < 0 or b == leave:
            continue
        n += 1
        e0 += energy[b, 0]
        e1 += energy[b, 1]
        c0 += connections[b, 0]
        c1 += connections[b, 1]
        own += alone[b]
    if n < 2:
        return 0.0
    low, part = _table_place(e0, e1, c0, c1, spread_of_one, table.shape[0])
    made, need = state[6][g], state[7][g]
    total = 0.0
    for k in range(production.shape[1]):
        p, d = made[k], need[k]
        if add >= 0:
            p += production[add, k]
            d += load[add, k]
        if leave >= 0:
            p -= production[leave, k]
            d -= load[leave, k]
        total += _use(p, d, low, part, table)
    return total - own


@numba.njit(nogil=True, cache=True)
def _value_together(g: int, h: int, data: Data, state: State) -> float:
    """Shared energy of two groups made one."""
    _, _, energy, connections, spread_of_one, alone, table = data
    members, count = state[2], state[3]
    e0 = e1 = c0 = c1 = own = 0.0
    for i in range(count[g] + count[h]):
        b = members[g, i] if i < count[g] else members[h, i - count[g]]
        e0 += energy[b, 0]
        e1 += energy[b, 1]
        c0 += connections[b, 0]
        c1 += connections[b, 1]
        own += alone[b]
    low, part = _table_place(e0, e1, c0, c1, spread_of_one, table.shape[0])
    total = 0.0
    for k in range(state[6].shape[1]):
        total += _use(
            state[6][g, k] + state[6][h, k], state[7][g, k] + state[7][h, k], low, part, table
        )
    return total - own


@numba.njit(nogil=True, cache=True)
def _add_up(g: int, data: Data, state: State) -> None:
    """Sum production and load of a group anew; done on every change, so that nothing drifts."""
    members, count, made, need = state[2], state[3], state[6], state[7]
    for k in range(made.shape[1]):
        made[g, k] = 0.0
        need[g, k] = 0.0
    for i in range(count[g]):
        b = members[g, i]
        for k in range(made.shape[1]):
            made[g, k] += data[0][b, k]
            need[g, k] += data[1][b, k]


@numba.njit(nogil=True, cache=True)
def _fits(b: int, g: int, leave: int, where: Where, rule: Rule, state: State) -> bool:
    """Tell whether a building may be with the members of a group, but for the one that leaves."""
    points, area, linked = where[0], where[1], where[2]
    centre, members, count = state[1], state[2], state[3]
    limit, pairwise = rule[0], rule[1]
    middle = centre[g]
    if area[b] < 0 or not linked[area[middle], area[b]]:
        return False
    for i in range(count[g]):
        m = members[g, i]
        if m == leave or (not pairwise and m != middle):
            continue
        if np.hypot(points[b, 0] - points[m, 0], points[b, 1] - points[m, 1]) > limit:
            return False
    return True


@numba.njit(nogil=True, cache=True)
def _put(b: int, g: int, data: Data, state: State) -> None:
    unit, members, count = state[0], state[2], state[3]
    members[g, count[g]] = b
    count[g] += 1
    unit[b] = g
    _add_up(g, data, state)


@numba.njit(nogil=True, cache=True)
def _take(b: int, data: Data, state: State) -> None:
    """Take a building out of its group; a group of one ends."""
    unit, centre, members, count = state[0], state[1], state[2], state[3]
    g = unit[b]
    for i in range(count[g]):
        if members[g, i] == b:
            members[g, i] = members[g, count[g] - 1]
            members[g, count[g] - 1] = -1
            break
    count[g] -= 1
    unit[b] = -1
    if centre[g] == b and count[g] > 0:
        centre[g] = members[g, 0]
    _add_up(g, data, state)


@numba.njit(nogil=True, cache=True)
def grow(
    start: IntArray,
    weights: tuple[FloatArray, FloatArray],
    data: Data,
    where: Where,
    rule: Rule,
    state: State,
) -> None:
    """Grow groups around the buildings that come first, best partner first."""
    unit, centre, members, count, value = state[0], state[1], state[2], state[3], state[4]
    used = state[5]
    first, near = where[3], where[4]
    wanted, taste = weights
    for seed in start:
        if unit[seed] >= 0 or where[1][seed] < 0 or wanted[seed] < rule[2]:
            continue
        g = used[0]
        centre[g] = seed
        _put(seed, g, data, state)
        value[g] = 0.0
        while count[g] < members.shape[1]:
            best, best_value, most = -1, 0.0, 0.0
            for i in range(first[seed], first[seed + 1]):
                b = near[i]
                if unit[b] >= 0 or not _fits(b, g, -1, where, rule, state):
                    continue
                found = _value(g, b, -1, data, state)
                gain = found - value[g]
                if gain > rule[2] and gain * taste[b] > most:
                    best, best_value, most = b, found, gain * taste[b]
            if best < 0:
                break
            _put(best, g, data, state)
            value[g] = best_value
        if count[g] > 1:
            used[0] += 1
        else:
            _take(seed, data, state)


@numba.njit(nogil=True, cache=True)
def improve(
    start: IntArray, data: Data, where: Where, rule: Rule, state: State, number: int
) -> bool:
    """
    One round of moves, swaps, mergers, new pairs and farewells; tells whether one helped.

    Two groups that have not changed since the round before are not compared again.
    """
    first, near = where[3], where[4]
    unit, last = state[0], state[8]
    changed = False
    for b in start:
        if where[1][b] < 0:
            continue
        for i in range(first[b], first[b + 1]):
            c = near[i]
            g, h = unit[b], unit[c]
            if g == h and g >= 0:
                continue
            if max(last[g], last[h]) < number - 1:
                continue
            if g < 0 and h < 0:
                helped = _pair(b, c, data, where, rule, state)
            else:
                helped = _move(b, c, data, where, rule, state)
                helped = helped or _swap(b, c, data, where, rule, state)
                helped = helped or _merge(b, c, data, where, rule, state)
            if helped:
                changed = True
                last[g], last[h] = number, number
                last[unit[b]], last[unit[c]] = number, number
        if unit[b] >= 0:
            g = unit[b]
            if last[g] >= number - 1 and _drop(b, data, rule, state):
                changed = True
                last[g], last[-1] = number, number
    return changed


@numba.njit(nogil=True, cache=True)
def _bound(b: int, rule: Rule, state: State) -> bool:
    """Tell whether others are in a group because of this building."""
    g = state[0][b]
    return g >= 0 and not rule[1] and state[1][g] == b and state[3][g] > 2


@numba.njit(nogil=True, cache=True)
def _less(b: int, data: Data, state: State) -> float:
    """Value of a building's group without it."""
    g = state[0][b]
    return _value(g, -1, b, data, state)


@numba.njit(nogil=True, cache=True)
def _leave(b: int, left: float, data: Data, state: State) -> None:
    """Take a building out, and end a group that is left with one."""
    g = state[0][b]
    _take(b, data, state)
    state[4][g] = left
    if state[3][g] == 1:
        _take(state[2][g, 0], data, state)
        state[4][g] = 0.0


@numba.njit(nogil=True, cache=True)
def _move(b: int, c: int, data: Data, where: Where, rule: Rule, state: State) -> bool:
    """Move a building into its partner's group when that helps."""
    unit, members, count, value = state[0], state[2], state[3], state[4]
    h = unit[c]
    if h < 0 or count[h] >= members.shape[1] or _bound(b, rule, state):
        return False
    if not _fits(b, h, -1, where, rule, state):
        return False
    joined = _value(h, b, -1, data, state)
    gain = joined - value[h] - rule[2]
    left = 0.0
    if unit[b] >= 0:
        left = _less(b, data, state)
        freed = 2.0 if count[unit[b]] == 2 else 1.0
        gain += left - value[unit[b]] + rule[2] * freed
    if gain <= _EPSILON_KWH:
        return False
    if unit[b] >= 0:
        _leave(b, left, data, state)
    _put(b, h, data, state)
    value[h] = joined
    return True


@numba.njit(nogil=True, cache=True)
def _swap(b: int, c: int, data: Data, where: Where, rule: Rule, state: State) -> bool:
    """Let two buildings change places, one of which may be in no group."""
    unit, centre, value = state[0], state[1], state[4]
    g, h = unit[b], unit[c]
    if h < 0 or _bound(b, rule, state) or _bound(c, rule, state):
        return False
    if not rule[1] and (centre[h] == c or (g >= 0 and centre[g] == b)):
        return False
    if not _fits(b, h, c, where, rule, state):
        return False
    if g >= 0 and not _fits(c, g, b, where, rule, state):
        return False
    there = _value(h, b, c, data, state)
    here = _value(g, c, b, data, state) if g >= 0 else 0.0
    before = value[h] + (value[g] if g >= 0 else 0.0)
    if there + here - before <= _EPSILON_KWH:
        return False
    unit[c] = -1
    if g >= 0:
        _replace(b, c, g, data, state)
        value[g] = here
    _replace(c, b, h, data, state)
    value[h] = there
    return True


@numba.njit(nogil=True, cache=True)
def _replace(old: int, new: int, g: int, data: Data, state: State) -> None:
    unit, centre, members, count = state[0], state[1], state[2], state[3]
    unit[new] = g
    if centre[g] == old:
        centre[g] = new
    for i in range(count[g]):
        if members[g, i] == old:
            members[g, i] = new
            break
    _add_up(g, data, state)


@numba.njit(nogil=True, cache=True)
def _merge(b: int, c: int, data: Data, where: Where, rule: Rule, state: State) -> bool:
    """Join two groups that fit into one; pooling more never shares less."""
    unit, members, count, value = state[0], state[2], state[3], state[4]
    g, h = unit[b], unit[c]
    if g < 0 or h < 0 or count[g] + count[h] > members.shape[1]:
        return False
    for i in range(count[g]):
        if not _fits(members[g, i], h, -1, where, rule, state):
            return False
    joined = _value_together(g, h, data, state)
    if joined - value[g] - value[h] <= _EPSILON_KWH:
        return False
    for i in range(count[g]):
        members[h, count[h]] = members[g, i]
        unit[members[g, i]] = h
        count[h] += 1
    members[g, :] = -1
    count[g] = 0
    _add_up(h, data, state)
    value[g], value[h] = 0.0, joined
    return True


@numba.njit(nogil=True, cache=True)
def _pair(b: int, c: int, data: Data, where: Where, rule: Rule, state: State) -> bool:
    """Make a group of two buildings that are in none."""
    used = state[5][0]
    if used >= state[3].size:
        return False
    state[1][used] = b
    _put(b, used, data, state)
    two = _value(used, c, -1, data, state)
    if _fits(c, used, -1, where, rule, state) and two > 2 * rule[2] + _EPSILON_KWH:
        _put(c, used, data, state)
        state[4][used] = two
        state[5][0] += 1
        return True
    _take(b, data, state)
    return False


@numba.njit(nogil=True, cache=True)
def _drop(b: int, data: Data, rule: Rule, state: State) -> bool:
    """Let a building go that no longer adds enough."""
    g = state[0][b]
    if _bound(b, rule, state):
        return False
    left = _less(b, data, state)
    freed = 2.0 if state[3][g] == 2 else 1.0
    if left + rule[2] * freed - state[4][g] <= _EPSILON_KWH:
        return False
    _leave(b, left, data, state)
    return True
