"""The registries a zoo file enters itself in, and what each expects to be given.

- dataset: `(request: Request, *, knobs) -> Data`
- model: `(task: Task, *, knobs) -> nn.Module`; `forward(x)` gives raw scores
- loss: `(task: Task, *, knobs) -> Loss`, a function of (outputs, targets) to a scalar mean
- optimizer: `(parameters: list of groups, *, lr, knobs) -> Optimizer`
"""

from collections.abc import Callable

from torch import Tensor, nn
from torch.optim import Optimizer

from tuilab.registry import Registry
from tuilab.zoo.data import Data

Loss = Callable[[Tensor, Tensor], Tensor]
"""Outputs and targets to the mean loss over a batch, a scalar."""

datasets: Registry[Data] = Registry("dataset")
models: Registry[nn.Module] = Registry("model")
losses: Registry[Loss] = Registry("loss")
optimizers: Registry[Optimizer] = Registry("optimizer")
