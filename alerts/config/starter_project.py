"""Starter files of a project folder, written by `jobspider init` and the demo."""

from typing import Final

from jobspider.config import FILE_NAME

SCRAPY_CFG_NAME: Final = "scrapy.cfg"


SCRAPY_CFG: Final = f"""\
# By this file the commands find {FILE_NAME}, from this folder and from those below it.
[settings]
default = jobspider.scraping.settings
"""
