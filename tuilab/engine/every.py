"""What is due every so many steps: evaluations, samples, checkpoints."""


class Every:
    """Something that is due every so many steps, once a step at most."""

    def __init__(self, asked: int | str, total: int, parts: int) -> None:
        self._steps = 0 if asked == "off" else max(1, total // parts) if asked == "auto" else int(asked)
        self.last = 0
        """The step at which it was last done."""

    def due(self, step: int) -> bool:
        """Whether it is to be done at this step."""
        return self._steps > 0 and step != self.last and step % self._steps == 0

    def missing(self, step: int) -> bool:
        """Whether it is wanted at all and has not been done at this, the last step."""
        return self._steps > 0 and step != self.last
