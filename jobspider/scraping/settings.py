"""Scrapy's settings that do not depend on config.toml; the others are the add-on's."""

BOT_NAME = "jobspider"
SPIDER_MODULES = ["jobspider.scraping.spiders"]
COMMANDS_MODULE = "jobspider.scrapy_commands"
ADDONS = {"jobspider.scraping.addon.JobspiderAddon": 0}
DOWNLOADER_MIDDLEWARES = {
    # Both before robots.txt (100), so that not even that is asked for.
    "jobspider.scraping.middlewares.SingleHostMiddleware": 40,
    "jobspider.scraping.middlewares.StopMiddleware": 50,
    "jobspider.scraping.robots.RobotsRequiredMiddleware": 110,
    # In the places of Scrapy's own.
    "jobspider.scraping.middlewares.RetryMiddleware": 550,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
    "jobspider.scraping.http_cache.ConditionalRequestMiddleware": 900,
    # Nobody is remembered; and what is not loaded takes neither time nor memory.
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    # Next to the wire: whatever goes out, redirects and further tries too, waits here.
    "jobspider.scraping.middlewares.RateLimitMiddleware": 1000,
}
# Every answer is evidence, whatever its status: what the site says decides how the page ends in the ledger.
SPIDER_MIDDLEWARES = {"scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None}
# Scrapy would read and parse the source of the callback anew for each answer, to warn of a fault that mypy finds.
WARN_ON_GENERATOR_RETURN_VALUE = False
LOG_FORMATTER = "jobspider.scraping.log_formatter.LedgerLogFormatter"
ITEM_PIPELINES = {
    "jobspider.scraping.pipelines.StorePipeline": 300,
    "jobspider.scraping.pipelines.DocumentPipeline": 400,
}
# These two listen on a port and let whoever reaches it run code in the crawler: off, and not even loaded.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
EXTENSIONS = {
    "jobspider.scraping.shutdown.GracefulShutdown": 0,
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.remote_control.RemoteControl": None,
}
