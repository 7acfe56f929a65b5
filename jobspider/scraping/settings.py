"""Scrapy settings that do not depend on config.toml; ``addon.py`` sets the others."""

BOT_NAME = "jobspider"
SPIDER_MODULES = ["jobspider.scraping.spiders"]
COMMANDS_MODULE = "jobspider.scrapy_commands"
ADDONS = {"jobspider.scraping.addon.JobspiderAddon": 0}
DOWNLOADER_MIDDLEWARES = {
    # Both before Scrapy's robots.txt middleware (100), so that they apply to robots.txt, too.
    "jobspider.scraping.middlewares.SingleHostMiddleware": 40,
    "jobspider.scraping.middlewares.StopMiddleware": 50,
    "jobspider.scraping.robots.RobotsRequiredMiddleware": 110,
    # At the positions of the Scrapy middlewares that they replace.
    "jobspider.scraping.middlewares.RetryMiddleware": 550,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
    "jobspider.scraping.http_cache.ConditionalRequestMiddleware": 900,
    # Cookies are disabled, so the middleware is not loaded.
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    # Last before the download, so that redirects and retries wait here, too.
    "jobspider.scraping.middlewares.RateLimitMiddleware": 1000,
}
# Responses of every status reach the pipeline, which derives the ledger status from them.
SPIDER_MIDDLEWARES = {"scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None}
# Scrapy would parse the source of the callback for each response, to warn of an error that mypy finds.
WARN_ON_GENERATOR_RETURN_VALUE = False
LOG_FORMATTER = "jobspider.scraping.log_formatter.LedgerLogFormatter"
ITEM_PIPELINES = {
    "jobspider.scraping.pipelines.StorePipeline": 300,
    "jobspider.scraping.pipelines.DocumentPipeline": 400,
}
# These extensions listen on a port and execute code that they receive, so they are disabled and not loaded.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
EXTENSIONS = {
    "jobspider.scraping.shutdown.GracefulShutdown": 0,
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.remote_control.RemoteControl": None,
}
