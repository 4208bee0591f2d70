"""What all tests share: the profiles of Hypothesis and the reference data."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile(
    "default", derandomize=True, deadline=None, max_examples=100, print_blob=True
)
settings.register_profile(
    "long", derandomize=False, deadline=None, max_examples=10_000, print_blob=True
)
settings.load_profile(os.environ.get("SEGMENTKIT_PROFILE", "default"))

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("SEGMENTKIT_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def data_file() -> Callable[[str], Path]:
    """
    The path of a file of the reference data; the test skips where the file is absent.

    The data is too large, and not free enough, to be part of the repository. It is looked for in
    the folder that SEGMENTKIT_DATA names, else in ../shared/data beside the repository.
    """

    def find(name: str) -> Path:
        path = DATA / name
        if not path.is_file():
            pytest.skip(f"no reference data at {path} (SEGMENTKIT_DATA can name its folder)")
        return path

    return find
