"""Which cells are withheld: first those that may not be shown by themselves, then others, until nobody can work out
what is withheld: neither how many, nor what they come to, nor what they cost on average."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from .audit import HAIR, Contradiction, Model, System, attackers_of
from .cells import Cell, Records, children_of, tally_of
from .disclosure import OF_PROVIDER, Thresholds, why_withheld

Tell = Callable[[str, int, int], None]
STALE, FEW = 3, 2  # so many questions about many at once that settle so few, before they are asked one by one


REMEMBERED = 30  # worlds that are tried on the next viewers, before others are looked for


class NotSafe(Exception):
    """No pattern was found under which everything withheld is safe; nothing may be published."""


@dataclass
class Audit:
    """`tried`: pairs of something withheld and an attacker; `near`: settled by worlds that were found for others too;
    `solved`: asked about by itself; `exact`: left recovered; `narrowest`: the least width among those solved."""

    tried: int = 0
    near: int = 0
    solved: int = 0
    exact: int = 0
    narrowest: int | None = None

    def as_told(self) -> dict[str, int | None]:
        return dict(vars(self))

    def note(self, width: int) -> None:
        self.narrowest = width if self.narrowest is None else min(self.narrowest, width)
        self.exact += width == 0


@dataclass
class Outcome:
    """`rounds`: how often something more had to be withheld; audits of counts and of amounts."""

    counts: Audit = field(default_factory=Audit)
    amounts: Audit = field(default_factory=Audit)
    rounds: int = 0
    also_withheld: int = 0
    without_figures: int = 0


@dataclass(frozen=True)
class Target:
    """Atoms of which nobody may tell too much: how many (`width`: how wide an interval has to be left, 0 for any; and
    `percent` of the count), and, if `amounts`, what they come to and cost on average."""

    atoms: np.ndarray
    width: int
    percent: int
    amounts: bool


class _Seen:
    """Of what one set of viewers does not know of each target: the least and most in the worlds found possible so far.
    The possible worlds between two are possible too, so nothing narrower can be told."""

    def __init__(self, targets: "_Targets", viewers: Sequence[int], rules: Thresholds) -> None:
        records, sums = targets.system.known_to(viewers)
        self.targets, self.rules = targets, rules
        self.own, self.own_known, self.own_sums = targets.of(records, sums)
        n, known, amounts = targets.of(targets.system.total, targets.system.total_sums)
        self.value, self.n_known, self.amount = n - self.own, known - self.own_known, amounts - self.own_sums
        self.wanted = np.maximum(targets.width, -(-self.value * targets.percent // 100))
        self.mean = self.amount / np.maximum(self.n_known, 1)
        self.counts = np.stack([self.value, self.value]).astype(np.double)
        self.sums = np.stack([self.amount, self.amount]).astype(np.double)
        self.means = np.stack([self.mean, self.mean])

    def note(self, n: np.ndarray, known: np.ndarray, sums: np.ndarray, *, counts: bool) -> None:
        if counts:
            _widen(self.counts, n - self.own)
        others, come_to = known - self.own_known, sums - self.own_sums
        _widen(self.sums, come_to)
        _widen(self.means, np.where(others > 1 - HAIR, come_to / np.maximum(others, 1), self.mean))

    def widths(self) -> np.ndarray:
        return np.floor(self.counts[1] + HAIR) - np.ceil(self.counts[0] - HAIR)

    def too_narrow(self, *, counts: bool) -> np.ndarray:
        """Which targets are not settled yet."""
        if counts:
            return (self.value > 0) & (self.widths() < self.wanted)
        enough = self.rules.width_percent / 100
        sums = self.sums[1] - self.sums[0] < enough * np.abs(self.amount)
        means = self.means[1] - self.means[0] < enough * np.abs(self.mean)
        return self.targets.amounts & (self.n_known > 0) & (self.amount != 0) & (sums | means)


def _widen(band: np.ndarray, values: np.ndarray) -> None:
    np.minimum(band[0], values, out=band[0])
    np.maximum(band[1], values, out=band[1])


class _Targets:
    """What nobody may work out: atoms of each, at least one. Sums over them are quicker by their places than by a
    matrix, which would be nearly empty."""

    def __init__(self, system: System, targets: Sequence[Target]) -> None:
        self.system, self.atoms = system, [target.atoms for target in targets]
        self.width = np.array([target.width for target in targets])
        self.percent = np.array([target.percent for target in targets])
        self.amounts = np.array([target.amounts for target in targets])
        atoms = self.atoms
        self.known = [mine[system.known[mine]] for mine in atoms]
        self._all = np.concatenate(atoms)
        self._begins = np.cumsum([0, *map(len, atoms)])[:-1]
        self._each = np.repeat(np.arange(len(atoms)), list(map(len, atoms)))
        self._is_known = system.known[self._all]

    def __len__(self) -> int:
        return len(self.atoms)

    def of(self, records: np.ndarray, sums: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of each target: how many, how many with an amount, and what they come to."""
        mine, known = records[self._all], self._is_known
        each = (mine, mine * known, sums[self._all] * known)
        return tuple(np.add.reduceat(values, self._begins) for values in each)  # type: ignore[return-value]

    def spread(self, weights: np.ndarray, *, known: bool) -> np.ndarray:
        """What each atom weighs, when each target's atoms weigh as it does."""
        each = weights[self._each] * self._is_known if known else weights[self._each]
        return np.bincount(self._all, weights=each, minlength=self.system.atoms)


class _Search:
    """Withholds until nothing is left that can be told too closely."""

    def __init__(
        self,
        system: System,
        model: Model,
        worth: Callable[[Cell], int],
        rules: Thresholds,
        tell: Tell,
        outcome: Outcome,
    ) -> None:
        self.system, self.model, self.rules, self.tell, self.outcome = system, model, rules, tell, outcome
        self.worth = [worth(cell) for cell in system.cells]
        self.means_of = {cell.part for cell in system.cells if cell.unit}
        self.random = np.random.default_rng(len(system.cells))
        self.fresh: list[int] = []
        self.worlds: dict[bool, list[tuple[np.ndarray, np.ndarray]]] = {True: [], False: []}

    def over(self, targets: Sequence[Target]) -> None:
        """Every target against every attacker; then, over again, what was withheld on the way."""
        while targets:
            self.outcome.rounds += 1
            self._round(_Targets(self.system, targets))
            targets, self.fresh = [self.of_cell(place) for place in self.fresh], []

    def of_cell(self, place: int) -> Target:
        cell = self.system.cells[place]
        return Target(self.system.rows[place], self.rules.width, self.rules.width_percent, cell.part in self.means_of)

    def _round(self, targets: _Targets) -> None:
        attackers = attackers_of(self.system, self.rules)
        self.seen = {viewers: _Seen(targets, viewers, self.rules) for viewers in attackers}
        for number, viewers in enumerate(attackers):
            again = "" if self.outcome.rounds == 1 else " again"
            self.tell(f"Looking{again} for what could be worked out", number, len(attackers))
            self._settle(targets, viewers, counts=True)
            if self.means_of:
                self._settle(targets, viewers, counts=False)

    def _settle(self, targets: _Targets, viewers: tuple[int, ...], *, counts: bool) -> None:
        seen = self.seen[viewers]
        audit = self.outcome.counts if counts else self.outcome.amounts
        tried = int(((seen.value > 0) & (targets.width > 0) if counts else targets.amounts & (seen.amount != 0)).sum())
        audit.tried += tried
        pending = np.flatnonzero(seen.too_narrow(counts=counts))
        if len(pending):
            self._remember(targets, viewers, counts=counts)
            pending = np.flatnonzero(seen.too_narrow(counts=counts))
        if len(pending):
            self.model.attacked_by(viewers, knows_rates=counts)
            pending = self._many(targets, viewers, pending, counts=counts)
        audit.near += tried - len(pending)
        for target in pending.tolist():
            audit.solved += 1
            if seen.too_narrow(counts=counts)[target]:
                tight = self._one(targets, viewers, target, counts=counts)
                if seen.too_narrow(counts=counts)[target]:
                    self._make_safe(targets, viewers, target, tight, counts=counts)
            if counts:
                audit.note(int(seen.widths()[target]))
            else:
                audit.note(int((seen.sums[1] - seen.sums[0])[target]))

    def _make_safe(
        self, targets: _Targets, viewers: tuple[int, ...], target: int, tight: set[tuple[int, bool]], *, counts: bool
    ) -> None:
        """Withholds what bounds the target, one figure after another, then puts back what turns out not to have been
        needed, that which is missed most first. Worlds seen on the way hold for nobody until it is over."""
        kept, self.seen = self.seen, {viewers: _Seen(targets, viewers, self.rules)}
        remembered, self.worlds = self.worlds, {True: [], False: []}
        taken: list[tuple[int, bool]] = []
        while self._narrow(target, viewers, counts=counts):
            taken.append(self._least_missed(tight, taken, counts=counts))
            self.model.withhold(*taken[-1])
            tight = self._one(targets, viewers, target, counts=counts)
        for each in sorted(taken[:-1], key=lambda one: -self.worth[one[0]]):
            self.model.withhold(*each, back=True)
            self.seen = {viewers: _Seen(targets, viewers, self.rules)}
            self._one(targets, viewers, target, counts=counts)
            if self._narrow(target, viewers, counts=counts):
                self.model.withhold(*each)
            else:
                taken.remove(each)
        self.seen, self.worlds = kept, remembered
        for place, mean_only in taken:
            self._note_withheld(place, mean_only=mean_only)
        self._one(targets, viewers, target, counts=counts)

    def _narrow(self, target: int, viewers: tuple[int, ...], *, counts: bool) -> bool:
        return bool(self.seen[viewers].too_narrow(counts=counts)[target])

    def _many(self, targets: _Targets, viewers: tuple[int, ...], pending: np.ndarray, *, counts: bool) -> np.ndarray:
        """Worlds far from the true one in many targets at once. Returns those that are still too narrow."""
        stale, asked = 0, 0
        while len(pending) and stale < STALE:
            ways = self.random.choice([-1, 1], len(pending)) if asked > 1 else np.full(len(pending), 1 - 2 * asked)
            asked += 1
            pull = np.zeros(len(targets))
            pull[pending] = ways * self.random.integers(1, 4, len(pending))
            self._look(targets, viewers, *self._cost(targets, viewers, pull, counts=counts), counts=counts)
            left = np.flatnonzero(self.seen[viewers].too_narrow(counts=counts))
            stale += len(pending) - len(left) < FEW
            pending = left
        return pending

    def _cost(
        self, targets: _Targets, viewers: tuple[int, ...], pull: np.ndarray, *, counts: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        if counts:
            return targets.spread(pull, known=False), np.zeros(self.system.atoms)
        means = self.seen[viewers].mean / self.model.scale
        return targets.spread(-pull * means, known=True), targets.spread(pull, known=True)

    def _one(self, targets: _Targets, viewers: tuple[int, ...], target: int, *, counts: bool) -> set[tuple[int, bool]]:
        """The narrowest interval of one target. Returns which figures bound it: (cell, whether by its mean)."""
        tight: set[tuple[int, bool]] = set()
        seen = self.seen[viewers]
        one, known, nothing = (np.zeros(self.system.atoms) for _ in range(3))
        one[targets.atoms[target]] = 1
        known[targets.known[target]] = 1
        questions = []
        for way in (1, -1):
            if counts:
                questions.append((way * one, nothing))
            else:
                edge = seen.mean[target] * (1 + way * self.rules.width_percent / 200) / self.model.scale
                questions += [(nothing, way * known), (-way * edge * known, way * known)]
        for numbers, sums in questions:
            self._look(targets, viewers, numbers, sums, counts=counts)
            tight |= self.model.tight
            if not seen.too_narrow(counts=counts)[target]:
                break
        return tight

    def _look(
        self, targets: _Targets, viewers: tuple[int, ...], numbers: np.ndarray, sums: np.ndarray, *, counts: bool
    ) -> None:
        """One world, noted for these viewers and for all that know less."""
        try:
            world = self.model.world(numbers, sums)
        except Contradiction as problem:
            raise NotSafe(f"the check of what could be worked out did not come to an end ({problem})") from None
        found = targets.of(*world)
        for others, seen in self.seen.items():
            if set(others) <= set(viewers):
                seen.note(*found, counts=counts)
        self.worlds[counts] = [*self.worlds[counts][-REMEMBERED:], world]

    def _remember(self, targets: _Targets, viewers: tuple[int, ...], *, counts: bool) -> None:
        """Worlds that were found for others, drawn towards the true one until they hold what these viewers have."""
        own = np.concatenate(self.model.least(viewers))
        true = np.concatenate([self.system.total, self.system.total_sums])
        for world in self.worlds[True] + ([] if counts else self.worlds[False]):
            away = np.concatenate(world) - true
            short = true + away < own
            share = ((true - own)[short] / -away[short]).min(initial=1)
            if share > 0:
                drawn = true + share * away
                found = targets.of(drawn[: self.system.atoms], drawn[self.system.atoms :])
                self.seen[viewers].note(*found, counts=counts)

    def _least_missed(
        self, tight: set[tuple[int, bool]], taken: Sequence[tuple[int, bool]], *, counts: bool
    ) -> tuple[int, bool]:
        """Of the figures that bound what was found, the one that is missed least: (cell, whether its mean alone).
        Means go before counts where it is an amount that could be told."""
        bounding = sorted(
            (not counts and not of_mean, self.worth[place], place, not of_mean)
            for place, of_mean in tight
            if (place, of_mean) not in taken and (place, False) not in taken
        )
        if not bounding:
            raise NotSafe("something withheld can be worked out, and nothing is left to withhold for it")
        *_, place, of_count = bounding[0]
        return place, not of_count

    def _note_withheld(self, place: int, *, mean_only: bool) -> None:
        cell = self.system.cells[place]
        if mean_only:
            cell.without_figures = cell.without_figures or "difference"
        elif not cell.withheld:
            cell.withheld = "complementary"
            self.fresh.append(place)
            self.outcome.also_withheld += 1


def withhold(
    records: Records, system: System, worth: Callable[[Cell], int], rules: Thresholds,
    tell: Tell = lambda stage, done, total: None,
) -> Outcome:  # fmt: skip
    """Takes figures and cells of the system away until everything withheld is safe from every set of viewers: the
    withheld cells; what is left of a shown cell without another inside it, where that may not be shown by itself; and
    the mean of a cell of which only the count is shown, as there are too few for a mean. `worth`: how much a cell would
    be missed. NotSafe if it fails.

    Withholding only takes knowledge away, so what was once found safe from somebody stays so: each set of viewers asks
    about each target once, and what is withheld on the way is asked about in another round.

    A cell that is withheld because nearly all of it is one provider's is kept from those who see no figure that names a
    provider. Who takes part in the framework sees that provider's figure, which may be the same homes under its name.
    """
    rests = _rests(records, system, rules)
    outcome = Outcome()
    alone = [place for place, cell in enumerate(system.cells) if cell.withheld == "one_provider"]
    if alone:
        model = Model(system, records, rules, unseen=OF_PROVIDER)
        search = _Search(system, model, worth, rules, tell, outcome)
        search.over([search.of_cell(place) for place in alone])
    search = _Search(system, Model(system, records, rules), worth, rules, tell, outcome)
    withheld = [
        search.of_cell(place)
        for place, cell in enumerate(system.cells)
        if cell.withheld and cell.withheld != "one_provider"
    ]
    few = [
        Target(system.rows[place], 0, 0, True)
        for place, cell in enumerate(system.cells)
        if not cell.withheld and cell.unit and cell.without_figures == "few_children"
    ]
    search.over(withheld + rests + few)
    outcome.without_figures = sum(cell.without_figures == "difference" for cell in system.cells)
    return outcome


def _rests(records: Records, system: System, rules: Thresholds) -> list[Target]:
    """What is left of one shown cell when another inside it is taken away, and may not be shown by itself. Where both
    tell a mean, the wider one loses its figures, as two means tell what the few cost."""
    shown = [place for place, cell in enumerate(system.cells) if not cell.withheld]
    if not shown:
        return []
    member = system.member[shown].astype(np.float32)
    overlap = (member * system.total.astype(np.float32)) @ member.T
    sizes = np.array([system.cells[place].n for place in shown])
    inside = (overlap.round().astype(np.int64) == sizes[:, None]) & (sizes[:, None] < sizes[None, :])
    rests: dict[bytes, Target] = {}
    for narrow, wide in zip(*np.nonzero(inside), strict=True):
        larger, smaller = system.cells[shown[wide]], system.cells[shown[narrow]]
        rest = np.setdiff1d(larger.members, smaller.members, assume_unique=True)
        means = bool(larger.unit and smaller.unit)
        why = why_withheld(tally_of(records, rest), rules)
        if why:
            atoms = np.setdiff1d(system.rows[shown[wide]], system.rows[shown[narrow]], assume_unique=True)
            before = rests.get(atoms.tobytes())
            means_too = means or (before is not None and before.amounts)
            rests[atoms.tobytes()] = Target(atoms, rules.rest_width, 0, means_too)
        few = sum(children_of(records, rest).values()) < rules.mean_from
        if (why or few) and larger.tells_mean and smaller.tells_mean:
            # A peer group gives way to the whole partnership; otherwise the wider figure to the narrower.
            loses = smaller if smaller.group is not None and larger.group is None else larger
            loses.without_figures = "difference"
    return list(rests.values())
