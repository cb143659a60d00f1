"""What a service offers to programs, as JSON and as a plain page under the same policy."""

import httpx

from shared.door.contracts import in_words


async def test_openapi_holds_the_api_and_says_who_may_use_it(client: httpx.AsyncClient) -> None:
    document = (await client.get("/testing/openapi.json")).json()
    assert set(document["paths"]) >= {"/testing/api/words", "/testing/operate/api/parked"}
    assert all("/api/" in path for path in document["paths"])
    words = document["paths"]["/testing/api/words"]["post"]
    assert (words["x-roles"], words["security"]) == (["referrer"], [{"token": []}])
    assert "application/problem+json" in words["responses"]["422"]["content"]
    assert {"401", "403"} <= set(words["responses"])
    assert "HTTPValidationError" not in str(document)
    assert document["paths"]["/testing/api/me"]["get"]["security"] == []


async def test_openapi_is_a_page_too(client: httpx.AsyncClient) -> None:
    page = (await client.get("/testing/openapi")).text
    assert "POST /testing/api/words" in page
    assert "Keep a word." in page
    assert "Who may: referrer" in page
    assert "Body: Word" in page


async def test_asyncapi_is_json_and_a_page(client: httpx.AsyncClient) -> None:
    assert (await client.get("/testing/asyncapi.json")).json()["asyncapi"] == "3.0.0"
    assert "<h1>Testing: events</h1>" in (await client.get("/testing/asyncapi")).text


def test_a_schema_is_told_in_words() -> None:
    assert in_words({"type": "array", "items": {"$ref": "#/components/schemas/Word"}}) == "list of Word"
    assert in_words({"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}) == "date or nothing"
    assert in_words({"enum": ["a", "b"]}) == "“a” or “b”"
    assert in_words({"const": "x"}) == "“x”"
    assert in_words({}) == "anything"
