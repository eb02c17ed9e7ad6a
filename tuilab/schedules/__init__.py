"""Learning-rate schedules: pure shapes over a run.

A schedule is built from its knobs into a function of progress in [0, 1] that
gives a multiplier of the base rate. The worker and the screen call the same
function, so the preview is what happens. Sample it at the middle of a step,
`(step + 0.5) / steps`: neither end of the run is spent on a rate of zero.

`plateau` also answers to the eval loss. What it does is a fold over the losses
that were seen, so it too is the same wherever it is computed.
"""

from tuilab.schedules.schedule import Reacting as Reacting
from tuilab.schedules.schedule import Schedule as Schedule
from tuilab.schedules.schedule import reaction_of as reaction_of
from tuilab.schedules.schedule import schedules as schedules

# They enter themselves, in this order.
# isort: off
from tuilab.schedules import shapes as _shapes  # noqa: F401
from tuilab.schedules import waves as _waves  # noqa: F401
from tuilab.schedules import plateau as _plateau  # noqa: F401
