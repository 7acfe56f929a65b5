"""Write every committed page under ``fixtures/`` anew from the data beside it."""

from tests.support.page_builder.committed_pages import (
    IndexSource,
    PageSource,
    case_sources,
    index_sources,
    site_sources,
)

sources: list[PageSource | IndexSource] = [*case_sources(), *index_sources(), *site_sources()]
for source in sources:
    source.html.write_text(source.build(), encoding="utf-8", newline="\n")
