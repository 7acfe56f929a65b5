"""Write every committed page under ``fixtures/`` anew from the data beside it."""

from tests.pagebuilder.committed import case_sources, site_sources

for source in (*case_sources(), *site_sources()):
    source.html.write_text(source.build(), encoding="utf-8", newline="\n")
