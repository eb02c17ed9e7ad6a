"""The weights that another run left behind, as tensors by name.

Those that it was judged by: the moving average where it kept one, with LoRA's
additions already in the layers they belong to.
"""

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from tuilab.engine import packing
from tuilab.errors import TuilabError
from tuilab.runs import Run
from tuilab.zoo import lora


def weights_of(run: Run, checkpoint: Path) -> dict[str, Tensor]:
    """Return a checkpoint's weights and statistics, on the CPU; a tied weight under its first name only.

    Raises:
        TuilabError: the files cannot be read.
    """
    try:
        tensors = load_file(checkpoint / "model.safetensors")
        tensors |= _averaged(checkpoint)
    except (OSError, SafetensorError, ValueError) as error:
        raise TuilabError(f"{checkpoint} of {run.id} cannot be read: {error}") from error
    options = run.spec.model.lora
    if not isinstance(options, dict):
        return tensors
    return lora.merged(tensors, options["alpha"] / options["rank"])


def _averaged(checkpoint: Path) -> dict[str, Tensor]:
    """Return the moving average of the weights by name; nothing where there is none.

    What early stopping went back to was averaged when it was kept, and has no state beside it.
    """
    if not (checkpoint / "state.json").is_file():
        return {}
    trainer = packing.load(checkpoint / "state")["trainer"]
    return dict(zip(trainer.get("averaged", []), trainer["average"], strict=False))
