"""The published files themselves, where they lie beside the project: dirt and all, twice."""

import json
import re

from services.directory.actions.listings import import_activities
from services.directory.actions.postcodes import import_postcodes
from services.directory.imports.open_referral import read_listings
from services.directory.imports.postcodes import read_postcodes
from shared.runtime.imports import Tally
from tests.needs import PUBLISHED_DATA, need
from tests.services.directory.samples import NOW
from tests.services.directory.stage import Stage

FEED = PUBLISHED_DATA / "oruk" / "bristol-services.json"
POSTCODES = [PUBLISHED_DATA / "codepoint" / f"{area}.csv" for area in ("rm", "ss", "bs")]
TAGS = r"</?(?:p|br|div|span|img|a|ul|ol|li|strong|em|b|i|h\d|table|tr|td)\b[^>]*>"
MARKUP = re.compile(TAGS + "|data:image|;base64,", re.I)


async def test_a_councils_feed_comes_in_as_plain_text_and_a_second_run_changes_nothing(stage: Stage) -> None:
    need(FEED.exists(), "no published feed beside the project")
    feed = read_listings(json.loads(FEED.read_bytes()))
    counts = []
    for _ in range(2):
        async with stage.acting() as tx:
            counts.append((await import_activities(tx, feed, NOW)).counts())
    assert counts == [
        {"read": 819, "added": 817, "changed": 0, "unchanged": 0, "rejected": 2},
        {"read": 819, "added": 0, "changed": 0, "unchanged": 817, "rejected": 2},
    ]
    kept = await stage.rows("SELECT to_jsonb(activity)::text AS words FROM activity")
    told = [json.dumps(event) for event in await stage.events("directory-events")]
    assert len(kept) == len(told) == 817
    assert not [words for words in (*(row["words"] for row in kept), *told) if MARKUP.search(words)]


async def test_three_areas_postcodes_come_in_and_a_second_run_changes_nothing(stage: Stage) -> None:
    need(all(path.exists() for path in POSTCODES), "no Code-Point Open files beside the project")

    async def run() -> Tally:
        files = [path.open("rb") for path in POSTCODES]
        try:
            async with stage.acting() as tx:
                return await import_postcodes(tx, (read_postcodes(file) for file in files))
        finally:
            for file in files:
                file.close()

    first, second = await run(), await run()
    assert first.counts() == {"read": 47909, "added": 47909, "changed": 0, "unchanged": 0, "rejected": 0}
    assert second.counts() == {"read": 47909, "added": 0, "changed": 0, "unchanged": 47909, "rejected": 0}
