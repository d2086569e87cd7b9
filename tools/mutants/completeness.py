"""Mistakes that make a timeline incomplete, and it does not know: defects 1 to 7."""

from tools.mutants.mutant import Mutant

STORE = "timelines/store.py"
LUA = "timelines/lua.py"
FANOUT = "timelines/fanout.py"
SERVICES = "timelines/services.py"
SELECTORS = "timelines/selectors.py"
CANDIDATES = "timelines/candidates.py"
CELEBRITIES = "timelines/celebrities.py"
MERGE = "timelines/merge.py"
MIGRATION = "chirp/migrations/0001_ids.py"

IDS = [
    Mutant(
        (1,),
        "Ids have ten bits more than a double",
        MIGRATION,
        "THEN chirp_id_ms() << 12",
        "THEN chirp_id_ms() << 22",
        ("chirp/test_ids::test_ids_are_exact_as_a_double",),
    ),
    Mutant(
        (1,),
        "Ids go back with the clock, and may repeat",
        MIGRATION,
        "IF ms >> 5 >= newest AND",
        "IF true OR",
        (
            "chirp/test_ids::test_the_same_millisecond_and_number_twice_are_two_ids",
            "chirp/test_ids::test_ids_increase_however_the_clock_steps",
        ),
        unseen="the clock goes right",
    ),
    Mutant(
        (1,),
        "Ids follow the clock again when it is where it stepped back from",
        MIGRATION,
        "3 - newest + (behind >> 17)",
        "- newest - 1",
        ("chirp/test_ids::test_the_same_millisecond_and_number_twice_are_two_ids",),
        unseen="the clock goes right",
    ),
    Mutant(
        (1,),
        "A push scores an id by its millisecond",
        LUA,
        "call('ZADD', key, ARGV[first], ARGV[first]) end",
        "call('ZADD', key, math.floor(ARGV[first] / 4096) * 4096, ARGV[first]) end",
        ("timelines/test_store::test_ids_near_the_limit_of_doubles_stay_apart",),
    ),
    Mutant(
        (1,),
        "A cursor is sent to Redis as a short float",
        STORE,
        "some, below, ttl,",
        'some, f"{below:.12g}", ttl,',
        ("timelines/test_store::test_ids_near_the_limit_of_doubles_stay_apart",),
    ),
    Mutant(
        (1,),
        "The floor passes through Lua's number format",
        LUA,
        "call('ZADD', key, newest, FLOOR)",
        "call('ZADD', key, tostring(tonumber(newest)), FLOOR)",
        ("timelines/test_gaps::test_the_floor_of_a_full_timeline_is_exact_for_large_ids",),
    ),
]

GAPS = [
    Mutant(
        (2, 6),
        "Trimming leaves the floor where it was",
        LUA,
        "        call('ZADD', key, newest, FLOOR)\n",
        "",
        (
            "timelines/test_pages::test_home_goes_on_in_postgres_below_the_window",
            "timelines/test_store"
            "::test_a_full_timeline_keeps_exactly_the_newest_and_raises_its_floor",
        ),
    ),
    Mutant(
        (2,),
        "A merge of part of an author leaves the floor where it was",
        LUA,
        "    if tonumber(to) <= floor then return floor end\n",
        "    if tonumber(to) >= 0 then return floor end\n",
        ("timelines/test_gaps::test_a_merge_of_part_of_an_author_leaves_no_gap_below_it",),
    ),
    Mutant(
        (2,),
        "What was read of an author is taken for all there is",
        CANDIDATES,
        "Span(ids, min(ids) - 1 if len(ids) == limit else 0)",
        "Span(ids, 0)",
        ("timelines/test_gaps::test_a_merge_of_part_of_an_author_leaves_no_gap_below_it",),
    ),
    Mutant(
        (2, 6),
        "What a build read is taken for all there is",
        CANDIDATES,
        "Span(ids, ids[-1] - 1 if len(ids) == limit else 0)",
        "Span(ids, 0)",
        ("timelines/test_gaps::test_one_busy_author_among_many_is_not_cut_short",),
    ),
    Mutant(
        (2,),
        "A fan-out that Redis refused counts as done",
        STORE,
        "    with guarded(), others_too() as part:\n"
        "        for node, some in _lots(ordered, per_call):\n",
        "    from contextlib import suppress\n\n    from chirp.redis.client import RedisAway\n\n"
        "    with suppress(RedisAway), guarded(), others_too() as part:\n"
        "        for node, some in _lots(ordered, per_call):\n",
        (
            "timelines/test_faults::test_without_redis_home_and_posting_are_right[frozen]",
            "timelines/test_faults::test_without_redis_home_and_posting_are_right[stopped]",
        ),
    ),
    Mutant(
        (2, 17),
        "A task that failed is struck out",
        "outbox/worker.py",
        "    close_old_connections()\n",
        "    close_old_connections()\n    services.done([event_id])\n",
        (
            "outbox/test_worker::test_a_failing_task_stays_with_its_error_until_it_succeeds",
            "timelines/test_faults::test_without_redis_home_and_posting_are_right[frozen]",
        ),
    ),
    Mutant(
        (2, 7),
        "An author's own set gets pushes only while readers pull it",
        FANOUT,
        "((store.author(tweet.author_id), tweet.id) for tweet in tweets)",
        "((store.author(t.author_id), t.id) for t in tweets if t.pulled)",
        (
            "timelines/test_celebrities"
            "::test_an_author_set_stays_complete_while_its_author_is_pushed",
        ),
    ),
    Mutant(
        (2,),
        "What is pushed during a build is dropped",
        LUA,
        "    if floor then return key, tonumber(floor), 2 end\n",
        "",
        ("timelines/test_store::test_pushes_during_a_build_are_in_the_result",),
    ),
    Mutant(
        (2,),
        "A build asks Postgres before it is announced",
        SERVICES,
        """\
    tokens = store.announce([home])
    if not tokens:
        return False
    authors = candidates.followees(viewer_id, pushed_only=True)
    span = candidates.below(authors, limit=settings.HOME_MAX_LENGTH)
""",
        """\
    authors = candidates.followees(viewer_id, pushed_only=True)
    span = candidates.below(authors, limit=settings.HOME_MAX_LENGTH)
    tokens = store.announce([home])
    if not tokens:
        return False
""",
        ("timelines/test_gaps::test_what_is_posted_just_before_a_build_begins_is_in_it",),
    ),
    Mutant(
        (2,),
        "The last follower of each range is left out",
        FANOUT,
        "follower_id <= %(up_to)s::bigint",
        "follower_id < %(up_to)s::bigint",
        ("timelines/test_queues::test_a_large_audience_is_served_in_several_short_tasks",),
    ),
    Mutant(
        (2,),
        "Authors who wrote most of a page are asked for a few tweets only",
        CANDIDATES,
        "    if deeper and each < limit:\n",
        "    if deeper and each > limit:\n",
        ("timelines/test_gaps::test_one_busy_author_among_many_is_not_cut_short",),
    ),
    Mutant(
        (2,),
        "After an import a build of before it slips by",
        STORE,
        '("home:*:build", "home:*")',
        '("home:*",)',
        (
            "timelines/test_gaps"
            "::test_a_timeline_that_is_finished_while_all_are_dropped_is_dropped_too",
        ),
        unseen="two processes have to meet",
    ),
]

COLD = [
    Mutant(
        (3,),
        "A push makes the timeline that is not there",
        LUA,
        "    if floor then return key, tonumber(floor), 2 end\n",
        "    if floor then return key, tonumber(floor), 2 end\n"
        "    call('ZADD', key, 0, FLOOR)\n    return key, 0, 1\n",
        ("timelines/test_store::test_a_push_never_creates_a_timeline",),
    ),
    Mutant(
        (3,),
        "A push does not look whether the timeline is there",
        LUA,
        "        local key, floor, extra = live(KEYS[i])\n",
        "        local key, floor, extra = KEYS[i], 0, 1\n",
        (
            "timelines/test_store::test_a_push_never_creates_a_timeline",
            "timelines/test_memory::test_who_never_reads_costs_no_memory",
        ),
    ),
    Mutant(
        (3,),
        "A merge makes the timeline that is not there",
        LUA,
        "if not key then return 0 end\n",
        "if not key then\n    call('ZADD', KEYS[1], 0, FLOOR)\n"
        "    key, floor, extra = KEYS[1], 0, 1\nend\n",
        ("timelines/test_store::test_nothing_is_merged_into_a_cold_timeline",),
    ),
]

DEPTH = [
    Mutant(
        (4,),
        "A merged page reaches down to the deepest source",
        MERGE,
        "bottom = max(",
        "bottom = min(",
        (
            "timelines/test_merge::test_it_stops_at_the_shallowest_source",
            "timelines/test_celebrities::test_a_page_never_reaches_below_a_truncated_celebrity",
        ),
    ),
    Mutant(
        (4,),
        "A slice that was cut claims to reach down to the floor",
        STORE,
        "ids[-1] - 1 if len(ids) == limit else floor",
        "floor",
        ("timelines/test_store::test_a_slice_that_was_cut_ends_with_its_last_id",),
        unseen="the merge cuts it once more",
    ),
    Mutant(
        (4,),
        "A merge that was cut claims to reach down to its bottom",
        MERGE,
        "return merged[:limit], merged[limit - 1] - 1",
        "return merged[:limit], bottom",
        ("timelines/test_merge::test_it_cuts_at_the_limit_and_says_where",),
    ),
    Mutant(
        (4, 13),
        "A source that is cold is left out of the page",
        SELECTORS,
        "return slices if len(slices) == len(sources) else None",
        "return slices",
        ("timelines/test_faults::test_a_builder_that_died_leaves_readers_to_postgres",),
    ),
    Mutant(
        (4,),
        "One's own tweets reach deeper than they were read",
        SELECTORS,
        "    bottom = max(span.floor, mine[size - 1] - 1) if len(mine) >= size else span.floor\n",
        "    bottom = span.floor\n",
        ("timelines/test_gaps::test_many_own_entries_that_may_not_be_shown_are_not_the_end",),
    ),
]

PAGES = [
    Mutant(
        (5,),
        "A page is what one batch left of it",
        SELECTORS,
        "        below, size = batch.bottom + 1, min(size * 2, BATCH_MOST)\n",
        "        return\n",
        ("timelines/test_pages::test_a_page_that_was_filtered_empty_is_not_the_end",),
    ),
    Mutant(
        (5,),
        "A batch of which nothing may be shown ends the list",
        SELECTORS,
        "        yield from batch.entries\n",
        "        yield from batch.entries\n        if not batch.entries:\n            return\n",
        ("timelines/test_pages::test_a_page_that_was_filtered_empty_is_not_the_end",),
    ),
    Mutant(
        (5,),
        "There is a next page whenever this one is full",
        SELECTORS,
        "Cursor(before=entries[-1].id) if more else None",
        "Cursor(before=entries[-1].id) if len(entries) == limit else None",
        ("timelines/test_pages::test_next_never_leads_to_an_empty_page",),
    ),
    Mutant(
        (6,),
        "Home ends with the window in Redis",
        SELECTORS,
        "            read = _from_postgres(viewer)\n            continue\n",
        "            return\n",
        ("timelines/test_pages::test_home_goes_on_in_postgres_below_the_window",),
    ),
    Mutant(
        (6,),
        "The entry at the floor is skipped",
        SELECTORS,
        "        below, size = batch.bottom + 1,",
        "        below, size = batch.bottom,",
        ("timelines/test_gaps::test_the_entry_at_the_floor_is_neither_skipped_nor_repeated",),
    ),
    Mutant(
        (6,),
        "The next page begins one entry too low",
        SELECTORS,
        "Cursor(before=entries[-1].id) if more else None",
        "Cursor(before=entry.id) if more else None",
        ("timelines/test_pages::test_home_goes_on_in_postgres_below_the_window",),
    ),
    Mutant(
        (6,),
        "The next page begins with the last entry again",
        SELECTORS,
        "Cursor(before=entries[-1].id) if more else None",
        "Cursor(before=entries[-1].id + 1) if more else None",
        ("timelines/test_pages::test_home_goes_on_in_postgres_below_the_window",),
    ),
]

THRESHOLD = [
    Mutant(
        (7,),
        "A demotion pushes nothing of what was not pushed",
        CELEBRITIES,
        "    _merge_for(author_id, followers)\n    with",
        "    with",
        ("timelines/test_celebrities::test_demotion_pushes_what_was_not_pushed",),
    ),
    Mutant(
        (7,),
        "A demotion ends before its last merge",
        CELEBRITIES,
        "    _merge_for(author_id, followers)\n    with",
        "    if len(followers) < STEP:\n        demotion.delete()\n"
        "    _merge_for(author_id, followers)\n    with",
        ("timelines/test_gaps::test_a_demotion_that_redis_interrupts_leaves_readers_pulling",),
    ),
    Mutant(
        (7,),
        "A demotion ends with its first step",
        CELEBRITIES,
        "        if len(followers) == STEP:\n",
        "        if len(followers) > STEP:\n",
        ("timelines/test_celebrities::test_a_demotion_goes_on_in_steps",),
    ),
    Mutant(
        (7,),
        "Readers stop pulling when a demotion begins",
        CANDIDATES,
        "FROM timelines_pulledauthor p CROSS JOIN",
        "FROM (SELECT * FROM timelines_pulledauthor WHERE state = 'pulled') p CROSS JOIN",
        ("timelines/test_celebrities::test_what_is_posted_during_a_demotion_is_pushed_and_pulled",),
    ),
    Mutant(
        (7,),
        "Fan-outs begin again only when a demotion has ended",
        FANOUT,
        "WHERE p.author_id = t.author_id AND p.state = 'pulled')",
        "WHERE p.author_id = t.author_id)",
        ("timelines/test_celebrities::test_what_is_posted_during_a_demotion_is_pushed_and_pulled",),
    ),
    Mutant(
        (7,),
        "What is built during a demotion leaves the author out",
        CANDIDATES,
        "p.author_id = f.followee_id AND p.state = 'pulled')",
        "p.author_id = f.followee_id)",
        ("timelines/test_gaps::test_a_timeline_built_in_the_middle_of_a_demotion_has_the_author",),
    ),
    Mutant(
        (7,),
        "A follow during a demotion is not merged",
        SERVICES,
        "or is_pulled(followee_id) or",
        "or PulledAuthor.objects.filter(author_id=followee_id).exists() or",
        ("timelines/test_gaps::test_who_follows_in_the_middle_of_a_demotion_has_the_author",),
    ),
    Mutant(
        (7,),
        "A late step of a demotion ends one that began after it",
        CELEBRITIES,
        "        author_id=author_id, state=State.DEMOTING, generation=generation\n",
        "        author_id=author_id, state=State.DEMOTING\n",
        ("timelines/test_celebrities::test_an_old_step_of_a_demotion_does_not_end_a_new_one",),
    ),
    Mutant(
        (7,),
        "Demotions are counted from one again each time that an author was pushed",
        CELEBRITIES,
        "secrets.randbelow(GENERATIONS)",
        "row.generation + 1",
        (
            "timelines/test_gaps"
            "::test_the_last_step_of_an_earlier_demotion_does_not_end_a_later_one",
        ),
    ),
    Mutant(
        (7,),
        "An author is demoted one follower below the threshold",
        "timelines/policy.py",
        "HYSTERESIS_PERCENT = 80",
        "HYSTERESIS_PERCENT = 100",
        (
            "timelines/test_celebrities"
            "::test_between_eighty_percent_and_the_threshold_nothing_changes",
        ),
        unseen="both ways are right",
    ),
    Mutant(
        (7,),
        "What was pushed and is pulled is there twice",
        MERGE,
        "sorted({id_ for ids, _ in sources for id_ in ids if id_ > bottom}, reverse=True)",
        "sorted((id_ for ids, _ in sources for id_ in ids if id_ > bottom), reverse=True)",
        ("timelines/test_merge::test_it_merges_newest_first_without_repeats",),
        unseen="hydration drops repeats once more",
    ),
]

MUTANTS = [*IDS, *GAPS, *COLD, *DEPTH, *PAGES, *THRESHOLD]
