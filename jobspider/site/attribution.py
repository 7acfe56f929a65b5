"""Name the source and the licence of the site's figures, as every output must state them."""

from typing import Final

LICENCE: Final = "CC BY-NC-SA 4.0"
LICENCE_URL: Final = "https://creativecommons.org/licenses/by-nc-sa/4.0/"
ATTRIBUTION: Final = f"Source: IT Jobs Watch (www.itjobswatch.co.uk), {LICENCE}"
