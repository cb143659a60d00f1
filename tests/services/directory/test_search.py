"""Search: people's own words find what helps them, near, with room, and always in the same order."""

import random
import time as clock
from collections.abc import Callable
from datetime import time
from typing import Any
from uuid import UUID

import pytest

from services.directory.domain.activity import Activity, ListingStatus, Place
from services.directory.domain.capacity import CapacityStatus
from services.directory.domain.cost import Cost, CostKind
from services.directory.domain.geography import GridPoint
from services.directory.domain.meetings import Day
from services.directory.domain.needs import NEED_BY_CODE
from services.directory.search.index import Index, build, entry
from services.directory.search.meanings import read_meanings
from services.directory.search.ranking import rank
from services.directory.search.reasons import next_time, why
from services.directory.search.terms import (
    BadTerm,
    Search,
    Terms,
    checked_accessibility,
    checked_age,
    checked_days,
    checked_miles,
    checked_needs,
    checked_postcode,
    checked_words,
)
from services.directory.search.words import Stemmer, words_of
from tests.services.directory.samples import FREE, HERE, NOW, activity, aged, room, weekly

BOROUGH = [
    activity("Riverside Singers", description="A choir for anyone who enjoys a song.", needs=("arts", "loneliness")),
    activity("Good Neighbours", description="A volunteer calls once a week for a cup of tea.", needs=("loneliness",)),
    activity("Platform Club", description="Model trains and railway history.", needs=("interests",)),
    activity("Mardyke Growers", description="An allotment to share; gardeners of every age.", needs=("nature",)),
    activity("Money Matters", description="Free advice on debt and benefits.", needs=("debt", "benefits")),
]


def index(*activities: Activity) -> Index:
    return build(entry(each, {}) for each in activities)


def names(found: Index, *, origin: GridPoint | None = None, **terms: Any) -> list[str]:
    wanted = Search(Terms(**terms), origin)
    return [hit.activity.listing.name for hit in rank(found, wanted, NOW)]


@pytest.mark.parametrize(
    "typed",
    [
        "lonely",
        "Lonely",
        "feeling lonely",
        "loneliness",
        "on my own",
        "befriending",
        "no friends",
        "lonley",
        "befrending",
    ],
)
def test_a_lonely_person_finds_befriending_in_any_words(typed: str) -> None:
    assert set(names(index(*BOROUGH), words=typed)) >= {"Good Neighbours", "Riverside Singers"}


def test_everyday_words_are_not_searched_for() -> None:
    assert names(index(*BOROUGH), words="someone who is lonely and likes trains")[0] in (
        "Platform Club",
        "Good Neighbours",
    )
    assert "Money Matters" not in names(index(*BOROUGH), words="someone who is lonely and likes trains")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("gardening", "Mardyke Growers"),
        ("gard", "Mardyke Growers"),
        ("singers", "Riverside Singers"),
        ("quire", None),
        ("allotmnet", "Mardyke Growers"),
        ("bailiff", "Money Matters"),
        ("universal credit", "Money Matters"),
    ],
)
def test_endings_beginnings_one_wrong_letter_and_what_is_meant(typed: str, found: str | None) -> None:
    assert names(index(*BOROUGH), words=typed)[:1] == ([found] if found else [])


def test_a_word_in_the_name_counts_for_more_than_one_in_the_description() -> None:
    named = activity("Tea and chess")
    told = activity("Tuesday group", description="Some play chess.")
    assert names(index(told, named), words="chess") == ["Tea and chess", "Tuesday group"]


def test_an_activity_with_both_words_goes_before_one_with_either() -> None:
    both = activity("A group", description="Walking for carers.")
    one = activity("Walking walking walking")
    assert names(index(one, both), words="walking carers")[0] == "A group"


def test_a_group_called_by_its_whole_name_is_found_first_however_far_and_full() -> None:
    far = activity("Tuesday Growers", miles=40, capacity=room(CapacityStatus.NO_CAPACITY))
    near = activity("Tuesday lunch", miles=0.1, description="For growers.", capacity=room(CapacityStatus.CAPACITY))
    assert names(index(near, far), words="the tuesday growers", origin=HERE)[0] == "Tuesday Growers"
    assert names(index(near, far), words="growers", origin=HERE)[0] == "Tuesday lunch"


def test_words_that_nobody_has_find_nothing() -> None:
    assert names(index(*BOROUGH), words="zzzzzz") == []


def test_without_terms_everything_listed_is_found() -> None:
    assert len(names(index(*BOROUGH))) == len(BOROUGH)


def test_nearer_goes_first_and_within_is_a_limit() -> None:
    near, far = activity("Far first by name", miles=0.5), activity("A far one", miles=4)
    assert names(index(near, far), origin=HERE) == ["Far first by name", "A far one"]
    assert names(index(near, far), origin=HERE, within_miles=3.0) == ["Far first by name"]


def test_the_nearest_of_several_places_counts() -> None:
    far_and_near = (Place(point=GridPoint(HERE.easting + 90_000, HERE.northing)), Place(point=HERE))
    everywhere = activity("Two halls", places=far_and_near)
    assert rank(index(everywhere), Search(Terms(within_miles=1), HERE), NOW)[0].miles == 0


def test_online_is_within_reach_of_everyone_and_a_place_unknown_is_not() -> None:
    online = activity("Online cooking", places=(Place(online=True),))
    nowhere = activity("Somewhere")
    assert names(index(online, nowhere), origin=HERE, within_miles=1.0) == ["Online cooking"]


def test_a_limit_in_miles_from_a_place_nobody_knows_limits_nothing() -> None:
    assert names(index(activity("Far", miles=40)), within_miles=1.0) == ["Far"]


def test_a_postcode_stands_for_a_place_without_coordinates() -> None:
    by_postcode = activity("By postcode", places=(Place(postcode="RM17 6SL"),))
    found = build([entry(by_postcode, {"RM17 6SL": HERE})])
    assert rank(found, Search(Terms(), HERE), NOW)[0].miles == 0


def test_room_goes_before_ask_first_before_silence_before_a_waiting_list_before_full() -> None:
    said = [
        activity("Full", capacity=room(CapacityStatus.NO_CAPACITY)),
        activity("Waiting list", capacity=room(CapacityStatus.WAITLIST)),
        activity("Silent"),
        activity("Ask first", capacity=room(CapacityStatus.ASSESSMENT)),
        activity("Room", capacity=room(CapacityStatus.CAPACITY, places=2)),
    ]
    assert names(index(*said)) == ["Room", "Ask first", "Silent", "Waiting list", "Full"]


def test_what_is_closed_for_now_goes_last_and_what_is_withdrawn_is_never_found() -> None:
    paused = activity("Paused", status=ListingStatus.CLOSED_FOR_NOW, capacity=room(CapacityStatus.CAPACITY))
    gone = [activity(f"Gone {status}", status=status) for status in (ListingStatus.INACTIVE, ListingStatus.DEFUNCT)]
    assert names(index(paused, *gone, activity("Silent"))) == ["Silent", "Paused"]


def test_needs_are_any_of_those_asked_and_more_of_them_is_better() -> None:
    assert names(index(*BOROUGH), needs=("arts", "loneliness")) == ["Riverside Singers", "Good Neighbours"]
    assert names(index(*BOROUGH), needs=("housing",)) == []


def test_days_cost_access_language_and_age_leave_out_what_does_not_fit() -> None:
    fits = activity(
        "Fits",
        meetings=(weekly(Day.TUESDAY),),
        cost=FREE,
        accessibility=("step-free", "hearing-loop"),
        languages=("Polish",),
        eligibility=aged(18, 65),
    )
    other = activity("Other", meetings=(weekly(Day.MONDAY),), cost=Cost(CostKind.PAID, 500), eligibility=aged(66))
    both = index(fits, other)
    asked: list[dict[str, Any]] = [
        {"days": frozenset({Day.TUESDAY, Day.SUNDAY})},
        {"free": True},
        {"accessibility": frozenset({"step-free"})},
        {"languages": ("polish",)},
        {"age": 30},
    ]
    for terms in asked:
        assert names(both, **terms) == ["Fits"], terms
    assert names(both, days=frozenset({Day.WEDNESDAY})) == []


def test_silence_about_age_keeps_nobody_out_but_silence_about_cost_is_not_free() -> None:
    silent = index(activity("Silent"))
    assert names(silent, age=30) == ["Silent"]
    assert names(silent, free=True) == []


def test_equal_activities_always_stand_in_the_same_order() -> None:
    same = [activity(f"Group {letter}") for letter in "DBCA"]
    for seed in range(5):
        random.Random(seed).shuffle(same)
        assert names(index(*same)) == ["Group A", "Group B", "Group C", "Group D"]


def test_each_result_says_why_it_stands_there() -> None:
    said = room(CapacityStatus.CAPACITY, places=3, days_ago=14)
    given = activity("Tea", miles=1.2, capacity=said, cost=FREE, needs=("loneliness",))
    terms = Terms(needs=("loneliness", "debt"))
    hit = rank(index(given), Search(terms, HERE), NOW)[0]
    assert why(hit, terms, NOW) == ("Room for 3, said 2 weeks ago", "1.2 miles", "Free", "Helps with: Feeling lonely")


def test_the_next_time_is_said_with_its_day() -> None:
    assert next_time(activity("Tea", meetings=(weekly(Day.TUESDAY),)), NOW) == "Tuesday 24 November at 2pm"
    assert next_time(activity("Tea", meetings=(weekly(Day.TUESDAY, None, None),)), NOW) == "Tuesday 24 November"
    assert next_time(activity("Tea"), NOW) == ""


def test_an_index_takes_new_facts_without_being_built_again() -> None:
    before = index(*BOROUGH)
    full = activity("Good Neighbours", needs=("loneliness",), capacity=room(CapacityStatus.NO_CAPACITY))
    after = before.with_entries({full.id: entry(full, {})})
    assert names(before, needs=("loneliness",))[0] == "Good Neighbours"
    assert names(after, needs=("loneliness",)) == ["Riverside Singers", "Good Neighbours"]


@pytest.mark.parametrize(
    ("check", "given", "field"),
    [
        (checked_postcode, "Grays", "postcode"),
        (checked_needs, ["lonely"], "needs"),
        (checked_days, ["Tuesday"], "days"),
        (checked_accessibility, ["lift"], "accessibility"),
        (checked_miles, 0.0, "within_miles"),
        (checked_miles, 101.0, "within_miles"),
        (checked_age, 121, "age"),
        (checked_words, "a" * 201, "words"),
    ],
)
def test_a_term_that_cannot_be_is_refused_by_name(check: Callable[[Any], object], given: Any, field: str) -> None:
    with pytest.raises(BadTerm) as refused:
        check(given)
    assert refused.value.field == field


def test_every_meaning_is_a_need_of_kiths() -> None:
    meant = {code for codes in read_meanings(Stemmer()).needs.values() for code in codes}
    assert meant <= set(NEED_BY_CODE)
    assert meant >= set(NEED_BY_CODE) - {"other"}


def test_words_lose_their_apostrophes() -> None:
    assert words_of("The Men's Shed, can’t wait!") == ["the", "men", "shed", "cant", "wait"]


def test_five_thousand_activities_are_searched_in_a_blink() -> None:
    chance = random.Random(7)
    vocabulary = [f"{a}{b}{c}" for a in "bdgklmnprst" for b in "aeiou" for c in ("nder", "ling", "stro", "mpa", "vik")]
    many = [
        activity(
            " ".join(chance.choices(vocabulary, k=3)) + f" {number}",
            miles=chance.uniform(0, 10),
            description=" ".join(chance.choices(vocabulary, k=60)),
            needs=tuple(chance.sample(list(NEED_BY_CODE), 2)),
            capacity=room(chance.choice(list(CapacityStatus)), days_ago=chance.randrange(100)),
            meetings=(weekly(chance.choice(list(Day)), time(10)),),
        )
        for number in range(5000)
    ]
    found = index(*many)
    took = []
    for words in ("lonely", f"{vocabulary[0]} {vocabulary[9]}", "", "bandre"):
        begun = clock.perf_counter()
        rank(found, Search(Terms(words=words), HERE), NOW)
        took.append(clock.perf_counter() - begun)
    assert min(took) > 0
    assert sorted(took)[1] < 0.1, took  # 20 ms on an idle machine; tests share theirs


def test_results_do_not_depend_on_how_ids_were_made() -> None:
    twin = activity("Twin")
    other = Activity(UUID(int=1), "K7F-2222", twin.listing)
    assert [hit.activity.id for hit in rank(index(twin, other), Search(Terms()), NOW)] == sorted(
        [twin.id, other.id], key=str
    )
