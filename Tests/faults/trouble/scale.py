"""How long and how many: FAULT_SCALE=short is the form that belongs into every run of the tests."""

import os

import pytest

SHORT = os.environ.get("FAULT_SCALE", "full") == "short"


def scaled(full, short):
    return short if SHORT else full


def only_full(*values):
    """A case of a parametrised test that the short form leaves out."""
    return pytest.param(*values, marks=pytest.mark.full)


# Under load, with processes that are killed at random.
FAULT_SECONDS = float(os.environ.get("FAULT_SECONDS", scaled(40, 3)))

SOAK_SECONDS = float(os.environ.get("SOAK_SECONDS", scaled(600, 5)))
