"""A sign of life after each cycle, for a watchman elsewhere that raises the alarm when none comes.

The address follows the convention of healthchecks.io (read in 2026): it is fetched after a good cycle, and with
``/fail`` after its end when the cycle has failed. What is posted with it is shown there.
"""

from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

_TIMEOUT_SECONDS: Final = 10.0
_MOST_BYTES: Final = 10_000


def send_heartbeat(url: str, said: str, *, is_good: bool) -> str:
    """Give a sign of life, once.

    Args:
        url: ``operator.heartbeat_url``, as it was validated.
        said: How the cycle went, in a line or a few.
        is_good: Whether it was a good one.

    Returns:
        Why it could not be given, empty if it was: a watchman who is away is never a reason not to do the work. The
        address is not in it, for who knows it can give the sign.
    """
    address = url if is_good else f"{url}/fail"
    headers = {"User-Agent": "jobspider", "Content-Type": "text/plain; charset=utf-8"}
    request = Request(address, said.encode()[:_MOST_BYTES], headers, method="POST")  # noqa: S310 - the configuration lets only http and https pass
    try:
        with urlopen(request, timeout=_TIMEOUT_SECONDS):  # noqa: S310 - likewise
            return ""
    except HTTPError as error:
        error.close()
        return f"the heartbeat was answered {error.code}"
    except (OSError, HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
        return f"no answer to the heartbeat: {type(reason).__name__}"
