"""Scrapy's settings that do not depend on config.toml; the others are the add-on's."""

BOT_NAME = "jobspider"
SPIDER_MODULES = ["jobspider.spiders"]
COMMANDS_MODULE = "jobspider.scrapy_commands"
ADDONS = {"jobspider.addon.JobspiderAddon": 0}
# Both before robots.txt (100), so that not even that is asked for.
DOWNLOADER_MIDDLEWARES = {"jobspider.politeness.OneHost": 40, "jobspider.politeness.StopAsking": 50}
LOG_FORMATTER = "jobspider.logs.LedgerLog"
ITEM_PIPELINES = {"jobspider.pipelines.StorePipeline": 300}
# Both listen on a port and let whoever reaches it run code in the crawler.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
