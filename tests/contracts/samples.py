"""Rows on which the contracts room's routes are tried: what each samples_*.py beside this file registers."""

import importlib
import pkgutil

import tests.contracts

SAMPLES: dict = {}
for module in pkgutil.iter_modules(tests.contracts.__path__, "tests.contracts."):
    if module.name.rpartition(".")[2].startswith("samples_"):
        registered = importlib.import_module(module.name).SAMPLES
        twice = set(SAMPLES) & set(registered)
        assert not twice, f"{module.name}: {twice} stand elsewhere too"
        SAMPLES |= registered
