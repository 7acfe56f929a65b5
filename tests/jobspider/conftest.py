from collections.abc import Iterator

import pytest

from tests.support.fork_server import Forker, forking


@pytest.fixture(scope="session")
def forker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forker]:
    """Start crawls without the second that their imports take."""
    with forking(tmp_path_factory.mktemp("forker") / "stderr.txt") as started:
        yield started
