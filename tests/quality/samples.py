"""Rows on which the quality room's routes are tried: what each samples_*.py beside this file registers."""

import importlib
import pkgutil

import tests.quality
from tests.permissions import Sample

SAMPLES: dict = {"provider-judgements": Sample(lambda cast: {"uuid": cast.provider.uuid}, hidden_from="rival")}
for module in pkgutil.iter_modules(tests.quality.__path__, "tests.quality."):
    if module.name.rpartition(".")[2].startswith("samples_"):
        registered = importlib.import_module(module.name).SAMPLES
        twice = set(SAMPLES) & set(registered)
        assert not twice, f"{module.name}: {twice} stand elsewhere too"
        SAMPLES |= registered
