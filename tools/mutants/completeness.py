"""Mistakes that silently make a timeline incomplete: defects 1 to 7."""

from tools.mutants.mutant import Mutant

IDS = [
    Mutant(
        defects=(1,),
        mistake="Ids have ten bits more than a double",
        target="CREATE",
        old="THEN chirp_id_ms() << 12",
        new="THEN chirp_id_ms() << 22",
        tests=("test_ids_are_exact_as_a_double",),
    ),
    Mutant(
        defects=(1,),
        mistake="Ids go back with the clock, and may repeat",
        target="CREATE",
        old="IF ms >> 5 >= newest AND",
        new="IF true OR",
        tests=(
            "test_the_same_millisecond_and_number_twice_are_two_ids",
            "test_ids_increase_however_the_clock_steps",
        ),
        unseen="the clock never steps",
    ),
    Mutant(
        defects=(1,),
        mistake="Ids follow the clock again once it reaches the time it stepped back from",
        target="CREATE",
        old="3 - newest + (behind >> 17)",
        new="- newest - 1",
        tests=("test_the_same_millisecond_and_number_twice_are_two_ids",),
        unseen="the clock never steps",
    ),
    Mutant(
        defects=(1,),
        mistake="A push scores an id by its millisecond",
        target="_ADD",
        old="call('ZADD', key, ARGV[first], ARGV[first]) end",
        new="call('ZADD', key, math.floor(ARGV[first] / 4096) * 4096, ARGV[first]) end",
        tests=("test_ids_near_the_limit_of_doubles_stay_apart",),
    ),
    Mutant(
        defects=(1,),
        mistake="A cursor is sent to Redis as a short float",
        target="timelines:_read",
        old="some, below, ttl,",
        new='some, f"{below:.12g}", ttl,',
        tests=("test_ids_near_the_limit_of_doubles_stay_apart",),
    ),
    Mutant(
        defects=(1,),
        mistake="The floor passes through Lua's number format",
        target="_TRIM",
        old="call('ZADD', key, newest, FLOOR)",
        new="call('ZADD', key, tostring(tonumber(newest)), FLOOR)",
        tests=("test_the_floor_of_a_full_timeline_is_exact_for_large_ids",),
    ),
]

GAPS = [
    Mutant(
        defects=(2, 6),
        mistake="Trimming leaves the floor where it was",
        target="_TRIM",
        old="        call('ZADD', key, newest, FLOOR)\n",
        new="",
        tests=(
            "test_home_goes_on_in_postgres_below_the_window",
            "test_a_full_timeline_keeps_exactly_the_newest_and_raises_its_floor",
        ),
    ),
    Mutant(
        defects=(2,),
        mistake="A merge of part of an author leaves the floor where it was",
        target="_RAISE",
        old="    if tonumber(to) <= floor then return floor end\n",
        new="    if tonumber(to) >= 0 then return floor end\n",
        tests=("test_a_merge_of_part_of_an_author_leaves_no_gap_below_it",),
    ),
    Mutant(
        defects=(2,),
        mistake="A partial read of an author counts as all of the author's tweets",
        target="newest_of",
        old="Span(ids, min(ids) - 1 if len(ids) == limit else 0)",
        new="Span(ids, 0)",
        tests=("test_a_merge_of_part_of_an_author_leaves_no_gap_below_it",),
    ),
    Mutant(
        defects=(2, 6),
        mistake="A partial read during a build counts as everything",
        target="_span",
        old="ids[-1] - 1 if len(ids) == limit else max(reached - 1, 0)",
        new="0",
        tests=("test_one_busy_author_among_many_is_not_cut_short",),
    ),
    Mutant(
        defects=(2,),
        mistake="A fan-out that Redis refused counts as done",
        target="push",
        old="    with guarded(), ",
        new=(
            "    from contextlib import suppress\n\n"
            "    from chirp.redis.client import RedisAway\n\n"
            "    with suppress(RedisAway), guarded(), "
        ),
        tests=(
            "test_without_redis_home_and_posting_are_right[frozen]",
            "test_without_redis_home_and_posting_are_right[stopped]",
        ),
    ),
    Mutant(
        defects=(2, 17),
        mistake="The event of a failed task is deleted",
        target="_record_failure",
        old="    close_old_connections()\n",
        new="    close_old_connections()\n    Event.objects.filter(pk=event_id).delete()\n",
        tests=(
            "test_a_failing_task_stays_with_its_error_until_it_succeeds",
            "test_without_redis_home_and_posting_are_right[frozen]",
        ),
    ),
    Mutant(
        defects=(2, 7),
        mistake="An author's own set gets pushes only while readers pull it",
        target="timelines.fanout:fan_out",
        old="((store.author(tweet.author_id), tweet.id) for tweet in tweets)",
        new="((store.author(t.author_id), t.id) for t in tweets if t.pulled)",
        tests=("test_an_author_set_stays_complete_while_its_author_is_pushed",),
    ),
    Mutant(
        defects=(2,),
        mistake="Pushes during a build are dropped",
        target="_LIVE",
        old="    if floor then return key, tonumber(floor), 2 end\n",
        new="",
        tests=("test_pushes_during_a_build_are_in_the_result",),
    ),
    Mutant(
        defects=(2,),
        mistake="A build reads Postgres before it is announced",
        target="populate",
        old="""\
    tokens = store.announce([home])
    if not tokens:
        return False
    span = candidates.newest(viewer_id, limit=settings.HOME_MAX_LENGTH)
""",
        new="""\
    span = candidates.newest(viewer_id, limit=settings.HOME_MAX_LENGTH)
    tokens = store.announce([home])
    if not tokens:
        return False
""",
        tests=("test_what_is_posted_just_before_a_build_begins_is_in_it",),
    ),
    Mutant(
        defects=(2,),
        mistake="The last follower of each range is left out",
        target="IN_RANGE",
        old="follower_id <= %(up_to)s::bigint",
        new="follower_id < %(up_to)s::bigint",
        tests=("test_a_large_audience_is_served_in_several_short_tasks",),
    ),
    Mutant(
        defects=(2,),
        mistake="Only a few tweets are read of authors who wrote most of a page",
        target="_CANDIDATES",
        old="HAVING count(*) = (SELECT {each} FROM f)",
        new="HAVING count(*) > (SELECT {each} FROM f)",
        tests=("test_one_busy_author_among_many_is_not_cut_short",),
    ),
    Mutant(
        defects=(2,),
        mistake="A read that examined only a part claims to be complete",
        target="_CANDIDATES",
        old="SELECT reached.id, ARRAY(",
        new="SELECT {end}, ARRAY(",
        tests=("test_a_page_that_is_cut_short_has_a_cursor_to_go_on_from",),
    ),
    Mutant(
        defects=(2,),
        mistake="A walk through everybody's tweets leaves out the last one",
        target="_WALKED",
        old="THEN last {back} ELSE",
        new="THEN last ELSE",
        tests=("test_a_viewer_with_many_followees_gets_the_same_timeline",),
    ),
    Mutant(
        defects=(2,),
        mistake="A build that began before an import survives it",
        target="drop_all_homes",
        old='("home:*:build", "home:*")',
        new='("home:*",)',
        tests=("test_a_timeline_that_is_finished_while_all_are_dropped_is_dropped_too",),
        unseen="it needs two concurrent processes",
    ),
]

COLD = [
    Mutant(
        defects=(3,),
        mistake="A push creates a missing timeline",
        target="_LIVE",
        old="    if floor then return key, tonumber(floor), 2 end\n",
        new=(
            "    if floor then return key, tonumber(floor), 2 end\n"
            "    call('ZADD', key, 0, FLOOR)\n    return key, 0, 1\n"
        ),
        tests=("test_a_push_never_creates_a_timeline",),
    ),
    Mutant(
        defects=(3,),
        mistake="A push does not check that the timeline exists",
        target="PUSH",
        old="        local key, floor, extra = live(KEYS[i])\n",
        new="        local key, floor, extra = KEYS[i], 0, 1\n",
        tests=(
            "test_a_push_never_creates_a_timeline",
            "test_an_account_that_never_reads_costs_no_memory",
        ),
    ),
    Mutant(
        defects=(3,),
        mistake="A merge creates a missing timeline",
        target="ADD",
        old="if not key then return 0 end\n",
        new=(
            "if not key then\n    call('ZADD', KEYS[1], 0, FLOOR)\n"
            "    key, floor, extra = KEYS[1], 0, 1\nend\n"
        ),
        tests=("test_nothing_is_merged_into_a_cold_timeline",),
    ),
]

DEPTH = [
    Mutant(
        defects=(4,),
        mistake="A merged page reaches down to the deepest source",
        target="timelines.merge:merge",
        old="bottom = max(",
        new="bottom = min(",
        tests=(
            "test_it_stops_at_the_shallowest_source",
            "test_a_page_never_reaches_below_a_truncated_celebrity",
        ),
    ),
    Mutant(
        defects=(4,),
        mistake="A slice that was cut claims to reach down to the floor",
        target="_slice",
        old="ids[-1] - 1 if len(ids) == limit else floor",
        new="floor",
        tests=("test_a_slice_that_was_cut_ends_with_its_last_id",),
        unseen="the merge cuts the slice again",
    ),
    Mutant(
        defects=(4,),
        mistake="A merge that was cut claims to reach down to its bottom",
        target="timelines.merge:merge",
        old="return merged[:limit], merged[limit - 1] - 1",
        new="return merged[:limit], bottom",
        tests=("test_it_cuts_at_the_limit_and_says_where",),
    ),
    Mutant(
        defects=(4, 13),
        mistake="A source that is cold is left out of the page",
        target="_slices",
        old="return slices if len(slices) == len(sources) else None",
        new="return slices",
        tests=("test_a_builder_that_died_leaves_readers_to_postgres",),
    ),
    Mutant(
        defects=(4,),
        mistake="The viewer's own tweets reach deeper than they were read",
        target="_batch",
        old="max(span.floor, mine[size - 1] - 1) if len(mine) >= size else span.floor",
        new="span.floor",
        tests=("test_many_own_entries_that_may_not_be_shown_are_not_the_end",),
    ),
]

PAGES = [
    Mutant(
        defects=(5,),
        mistake="A page ends after one batch",
        target="Walk.down",
        old="            if self.position <= 1:\n",
        new="            if True:\n",
        tests=("test_a_page_that_was_filtered_empty_is_not_the_end",),
    ),
    Mutant(
        defects=(5,),
        mistake="A batch of which nothing may be shown ends the list",
        target="Walk.down",
        old="            yield from batch.entries\n",
        new=(
            "            yield from batch.entries\n"
            "            if not batch.entries:\n                return\n"
        ),
        tests=("test_a_page_that_was_filtered_empty_is_not_the_end",),
    ),
    Mutant(
        defects=(5,),
        mistake="There is a next page whenever this one is full",
        target="_page_below",
        old=(
            "    goes_on = more or walk.cut\n"
            "    entries = [same[0] for same in by_original.values()]\n"
        ),
        new=(
            "    entries = [same[0] for same in by_original.values()]\n"
            "    goes_on = len(entries) == limit\n"
        ),
        tests=("test_next_never_leads_to_an_empty_page",),
    ),
    Mutant(
        defects=(5,),
        mistake="A page that was cut short is the last one",
        target="_page_below",
        old="goes_on = more or walk.cut",
        new="goes_on = more",
        tests=("test_a_page_that_is_cut_short_has_a_cursor_to_go_on_from",),
        unseen="the model's timelines are too short to be cut",
    ),
    Mutant(
        defects=(5, 6),
        mistake="A sieved window claims to reach down to the end",
        target="_sieved",
        old="else window.floor",
        new="else 0",
        tests=("test_what_may_not_be_shown_is_not_walked_through",),
    ),
    Mutant(
        defects=(6,),
        mistake="Home ends with the window in Redis",
        target="Home.reads_below",
        old="                window = None\n",
        new="                return Span([], 0)\n",
        tests=("test_home_goes_on_in_postgres_below_the_window",),
    ),
    Mutant(
        defects=(6,),
        mistake="The entry at the floor is skipped",
        target="Walk.down",
        old="self.position = batch.bottom + 1",
        new="self.position = batch.bottom",
        tests=("test_the_entry_at_the_floor_is_neither_skipped_nor_repeated",),
    ),
    Mutant(
        defects=(6,),
        mistake="The next page begins one entry too low",
        target="_page_below",
        old="entries[-1].id if passed",
        new="entry.id if passed",
        tests=("test_home_goes_on_in_postgres_below_the_window",),
    ),
    Mutant(
        defects=(6,),
        mistake="The next page begins with the last entry again",
        target="_page_below",
        old="entries[-1].id if passed",
        new="entries[-1].id + 1 if passed",
        tests=("test_home_goes_on_in_postgres_below_the_window",),
    ),
]

FOLDED = [
    Mutant(
        defects=(6,),
        mistake="An entry stands for reposts that the next page shows again",
        target="timelines.paging:_fold",
        old=" if each.id >= bottom",
        new="",
        tests=("test_an_entry_knows_the_reposts_that_it_stands_for",),
        unseen="the model does not look at what is folded",
    ),
]

THRESHOLD = [
    Mutant(
        defects=(7,),
        mistake="A demotion does not push the unpushed tweets",
        target="timelines.celebrities:demote_range",
        old="    _merge_for(author_id, followers)\n    with",
        new="    with",
        tests=("test_demotion_pushes_what_was_not_pushed",),
    ),
    Mutant(
        defects=(7,),
        mistake="A demotion ends before its last merge",
        target="timelines.celebrities:demote_range",
        old="    _merge_for(author_id, followers)\n    with",
        new=(
            "    if len(followers) < STEP:\n        demotion.delete()\n"
            "    _merge_for(author_id, followers)\n    with"
        ),
        tests=("test_a_demotion_that_redis_interrupts_leaves_readers_pulling",),
    ),
    Mutant(
        defects=(7,),
        mistake="A demotion ends with its first step",
        target="timelines.celebrities:demote_range",
        old="        if len(followers) == STEP:\n",
        new="        if len(followers) > STEP:\n",
        tests=("test_a_demotion_goes_on_in_steps",),
    ),
    Mutant(
        defects=(7,),
        mistake="Readers stop pulling when a demotion begins",
        target="_PULLED",
        old="FROM timelines_pulledauthor p CROSS JOIN",
        new="FROM (SELECT * FROM timelines_pulledauthor WHERE state = 'pulled') p CROSS JOIN",
        tests=("test_what_is_posted_during_a_demotion_is_pushed_and_pulled",),
    ),
    Mutant(
        defects=(7,),
        mistake="Fan-outs resume only when a demotion has ended",
        target="NOT_DELETED",
        old="WHERE p.author_id = t.author_id AND p.state = 'pulled')",
        new="WHERE p.author_id = t.author_id)",
        tests=("test_what_is_posted_during_a_demotion_is_pushed_and_pulled",),
    ),
    Mutant(
        defects=(7,),
        mistake="A build during a demotion omits the author",
        target="_PUSHED_ONLY",
        old=" WHERE state = 'pulled')",
        new=")",
        tests=("test_a_timeline_built_in_the_middle_of_a_demotion_has_the_author",),
    ),
    Mutant(
        defects=(7,),
        mistake="A follow during a demotion is not merged",
        target="timelines.services:merge",
        old="or is_pulled(followee_id) or",
        new="or PulledAuthor.objects.filter(author_id=followee_id).exists() or",
        tests=("test_a_new_follower_during_a_demotion_gets_the_author",),
    ),
    Mutant(
        defects=(7,),
        mistake="A late step of a demotion ends one that began after it",
        target="timelines.celebrities:demote_range",
        old="        author_id=author_id, state=State.DEMOTING, generation=generation\n",
        new="        author_id=author_id, state=State.DEMOTING\n",
        tests=("test_an_old_step_of_a_demotion_does_not_end_a_new_one",),
    ),
    Mutant(
        defects=(7,),
        mistake="The generation of demotions restarts at one",
        target="_demote",
        old="secrets.randbelow(GENERATIONS)",
        new="row.generation + 1",
        tests=("test_the_last_step_of_an_earlier_demotion_does_not_end_a_later_one",),
    ),
    Mutant(
        defects=(7,),
        mistake="An author is demoted one follower below the threshold",
        target="HYSTERESIS_PERCENT",
        old="HYSTERESIS_PERCENT = 80",
        new="HYSTERESIS_PERCENT = 100",
        tests=("test_between_eighty_percent_and_the_threshold_nothing_changes",),
        unseen="timelines are correct either way",
    ),
    Mutant(
        defects=(7,),
        mistake="A tweet that was pushed and is pulled appears twice",
        target="timelines.merge:merge",
        old="sorted({id_ for ids, _ in sources for id_ in ids if id_ > bottom}, reverse=True)",
        new="sorted((id_ for ids, _ in sources for id_ in ids if id_ > bottom), reverse=True)",
        tests=("test_it_merges_newest_first_without_repeats",),
        unseen="hydration also drops duplicates",
    ),
]

MUTANTS = [*IDS, *GAPS, *COLD, *DEPTH, *PAGES, *FOLDED, *THRESHOLD]
