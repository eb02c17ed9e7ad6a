"""The learning rate of every step: a base rate times a schedule, which evaluations may move."""

from tuilab.schedules import Schedule, reaction_of


class Rate:
    """Follows a schedule over a run."""

    def __init__(self, base: float, schedule: Schedule) -> None:
        self.base = base
        """What the schedule multiplies."""
        self.eval_losses: list[float] = []
        """All that was seen so far, in order."""
        self.now = 0.0
        """Of the newest step."""
        self.follow(schedule)

    def at(self, step: int, total: int) -> float:
        """Return the rate of a step, taken at its middle: neither end of the run is spent on a zero rate."""
        self.now = self.base * self._schedule((step + 0.5) / total) * self._factor
        return self.now

    def follow(self, schedule: Schedule) -> None:
        """Go by this schedule, as if it had seen all that happened so far."""
        self._schedule, self._reaction, self._factor = schedule, reaction_of(schedule), 1.0
        for loss in self.eval_losses:
            self._factor = self._reaction(loss)

    def saw(self, eval_loss: float) -> None:
        """Let the schedule react to an evaluation."""
        self.eval_losses.append(eval_loss)
        self._factor = self._reaction(eval_loss)

    def restore(self, eval_losses: list[float]) -> None:
        """Go on from the evaluations of a saved state."""
        self.eval_losses = eval_losses
        self.follow(self._schedule)
