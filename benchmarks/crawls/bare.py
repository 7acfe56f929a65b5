"""The bare crawl: the same conduct under the same settings as the whole one, but for the pipeline."""

from pathlib import Path

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from jobspider import config, crawl
from jobspider.scraping.addon import RUN_SETTING
from jobspider.scraping.spiders.roles import RolesSpider

if __name__ == "__main__":
    with crawl.crawl_context(config.load(Path("config.toml")), crawl.CrawlRequest("bare")) as run:
        settings = Settings({"LOG_LEVEL": "WARNING", RUN_SETTING: run})
        settings.setmodule("jobspider.scraping.settings", priority="project")
        settings.set("ITEM_PIPELINES", {}, priority="cmdline")
        process = AsyncCrawlerProcess(settings)
        process.crawl(RolesSpider)
        process.start(install_signal_handlers=False)  # `running` has the crawl's own
