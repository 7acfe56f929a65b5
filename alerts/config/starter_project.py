"""Content of the file scrapy.cfg in a project directory. Written by ``jobspider init`` and the demo."""

from typing import Final

from jobspider.config import FILE_NAME

SCRAPY_CFG_NAME: Final = "scrapy.cfg"
SCRAPY_CFG: Final = f"""\
# The commands look for this file, here and in the parent directories, and use the {FILE_NAME} next to it.
[settings]
default = jobspider.scraping.settings
"""
