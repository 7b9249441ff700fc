from fractions import Fraction

import pytest

from tests.instrument import picture

RATES = (Fraction(30), Fraction(24), Fraction(30000, 1001), Fraction(60), Fraction(25))


@pytest.fixture(scope="session")
def footage(tmp_path_factory) -> list[picture.Footage]:
    """One source per rate, 640 x 360, 90 frames, with noise for sound."""
    folder = tmp_path_factory.mktemp("footage")
    return [picture.make(folder / f"source-{n}.mp4", source_id=n, frames=90, rate=rate) for n, rate in enumerate(RATES)]


@pytest.fixture(scope="session")
def addresses(footage):
    return {f"source-{item.source_id}": item.path for item in footage}


@pytest.fixture(scope="session")
def ids(footage):
    return {f"source-{item.source_id}": item.source_id for item in footage}


@pytest.fixture(scope="session")
def noises(footage):
    return {f"source-{item.source_id}": item.noise for item in footage}
