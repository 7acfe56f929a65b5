import json

from hypothesis import given, settings

from alerts.model.changes import Digest
from alerts.render.formats.json_data import digest_data
from tests.support import digest_factories


def test_a_digest_as_data_holds_what_its_text_says() -> None:
    data = json.loads(json.dumps(digest_data(digest_factories.sample())))
    first = data["told"][0]
    assert (first["old"], first["new"], first["percent"], first["verdict"]) == (60000, 62500, 4.17, "clear")
    assert (first["term"], first["region"], first["as_of"]) == ("Backend Developer", "North West", "2025-11-23")
    assert data["coverage"]["watched"] == 12
    assert [len(data[key]) for key in ("told", "watching", "nearly", "held_back")] == [8, 1, 1, 2]


def test_a_notice_has_no_coverage() -> None:
    assert digest_data(digest_factories.notice())["coverage"] is None


@settings(max_examples=30)
@given(digest_factories.digests())
def test_any_digest_is_json_that_every_program_can_read(digest: Digest) -> None:
    text = json.dumps(digest_data(digest), ensure_ascii=False, allow_nan=False)
    assert json.loads(text.encode()) == digest_data(digest)
