"""All code that Scrapy loads: add-on, settings, middlewares, pipelines, spiders."""
