import pytest
from laws.worlds import ENGINES, Asker


@pytest.fixture(params=ENGINES, scope="session")
def holds(request) -> Asker:
    """Asks each engine in turn; every promise of the language is kept by all of them."""
    return Asker(request.param)
