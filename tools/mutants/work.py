"""Mistakes in building, forgetting, trimming, delivering and sharing the work: defects 13 to 19."""

from tools.mutants.mutant import Mutant

LUA = "timelines/lua.py"
FANOUT = "timelines/fanout.py"
SERVICES = "timelines/services.py"
SELECTORS = "timelines/selectors.py"
OUTBOX = "outbox/services.py"
WORKER = "outbox/worker.py"

BUILDING = [
    Mutant(
        (13,),
        "Everybody who finds a timeline cold builds it",
        LUA,
        "if call('ZSCORE', build, ARGV[1]) then return 'busy' end\n",
        "",
        (
            "timelines/test_store::test_only_one_builder_is_let_in",
            "timelines/test_faults::test_many_readers_of_a_cold_timeline_build_it_once",
        ),
    ),
    Mutant(
        (13,),
        "A builder finishes what by now is somebody else's build",
        LUA,
        "if not floor or call('ZREM', build, ARGV[4]) == 0 then return 0 end\n",
        "if not floor then return 0 end\ncall('ZREM', build, ARGV[4])\n",
        ("timelines/test_store::test_a_builder_that_died_blocks_nobody_and_cannot_finish_late",),
    ),
    Mutant(
        (13,),
        "Readers wait until somebody has built the timeline",
        SELECTORS,
        """\
    if cold:
        _warm_up(cold)
        found |= store.read(cold, below=below, limit=size)
""",
        """\
    while cold:
        _warm_up(cold)
        found |= store.read(cold, below=below, limit=size)
        cold = [source for source in sources if found[source] is None]
""",
        (
            "timelines/test_memory"
            "::test_a_reader_does_not_wait_until_the_lease_of_a_dead_builder_ends",
        ),
    ),
    Mutant(
        (13, 15),
        "The lease of a builder never ends",
        LUA,
        "call('PEXPIRE', build, ARGV[3])\n",
        "",
        (
            "timelines/test_store::test_the_lease_of_a_builder_ends",
            "timelines/test_memory::test_a_build_that_nobody_finishes_leaves_nothing",
        ),
    ),
    Mutant(
        (13,),
        "A timeline of which nothing is left stays cold, and is built at every read",
        LUA,
        "trim(build, 1, tonumber(ARGV[2]))\n",
        "trim(build, 1, tonumber(ARGV[2]))\n"
        "if call('ZCARD', build) == 1 then return call('DEL', build) end\n",
        ("timelines/test_memory::test_a_timeline_of_somebody_who_follows_nobody_is_built_once",),
    ),
    Mutant(
        (14,),
        "A home that is cold stays cold",
        SELECTORS,
        "            services.populate(viewer_id=source.owner)\n",
        "            continue\n",
        ("timelines/test_faults::test_a_redis_that_was_emptied_is_filled_from_postgres",),
    ),
    Mutant(
        (14,),
        "The set of a celebrity that is cold stays cold",
        SELECTORS,
        "        services.populate_authors(authors)\n",
        "        pass\n",
        (
            "timelines/test_memory"
            "::test_after_redis_was_emptied_homes_and_celebrities_are_built_again",
        ),
    ),
    Mutant(
        (14,),
        "Valkey comes back with the timelines of some time ago",
        "runner/embedded/valkey.py",
        '    "save": "",\n',
        '    "save": "3600 1",\n',
        ("chirp/test_embedded::test_valkey_comes_back_empty",),
        unseen="no server is started again",
    ),
]

MEMORY = [
    Mutant(
        (15,),
        "Timelines stay for ever",
        LUA,
        "call('EXPIRE', KEYS[1], ARGV[5])\n",
        "call('PERSIST', KEYS[1])\n",
        ("timelines/test_store::test_a_timeline_that_nobody_reads_expires",),
    ),
    Mutant(
        (15,),
        "Timelines live as long as the lease of their builder",
        LUA,
        "call('EXPIRE', KEYS[1], ARGV[5])\n",
        "",
        ("timelines/test_memory::test_a_timeline_in_use_lives_as_long_as_the_setting_says",),
    ),
    Mutant(
        (15,),
        "A push keeps a timeline that nobody reads",
        LUA,
        "                trim(key, extra, most)\n",
        "                trim(key, extra, most)\n                call('EXPIRE', key, 2592000)\n",
        ("timelines/test_memory::test_nothing_but_reading_keeps_a_timeline_in_memory",),
    ),
    Mutant(
        (15,),
        "A merge keeps a timeline that nobody reads",
        LUA,
        "trim(key, extra, tonumber(ARGV[2]))\n",
        "trim(key, extra, tonumber(ARGV[2]))\ncall('EXPIRE', key, 2592000)\n",
        ("timelines/test_memory::test_nothing_but_reading_keeps_a_timeline_in_memory",),
    ),
    Mutant(
        (15,),
        "A new follow builds the timeline of somebody who never reads",
        SERVICES,
        "is_pulled(followee_id) or not store.warm([home]):",
        "is_pulled(followee_id) or not (\n"
        "        store.warm([home]) or populate(viewer_id=follower_id)\n    ):",
        ("timelines/test_memory::test_who_never_reads_costs_no_memory",),
    ),
    Mutant(
        (15,),
        "Reading does not keep a timeline",
        LUA,
        "        call('EXPIRE', key, ARGV[3])\n",
        "",
        ("timelines/test_store::test_a_timeline_that_nobody_reads_expires",),
    ),
]

TRIMMING = [
    Mutant(
        (16,),
        "Trimming leaves one too many",
        LUA,
        "call('ZCARD', key) - extra - most\n",
        "call('ZCARD', key) - extra - most - 1\n",
        (
            "timelines/test_store"
            "::test_a_full_timeline_keeps_exactly_the_newest_and_raises_its_floor",
        ),
    ),
    Mutant(
        (16,),
        "Trimming leaves one too few",
        LUA,
        "call('ZCARD', key) - extra - most\n",
        "call('ZCARD', key) - extra - most + 1\n",
        (
            "timelines/test_store"
            "::test_a_full_timeline_keeps_exactly_the_newest_and_raises_its_floor",
        ),
    ),
    Mutant(
        (16,),
        "Trimming counts from the floor",
        LUA,
        "call('ZREMRANGEBYRANK', key, 1, over)",
        "call('ZREMRANGEBYRANK', key, 0, over - 1)",
        (
            "timelines/test_store"
            "::test_a_full_timeline_keeps_exactly_the_newest_and_raises_its_floor",
        ),
    ),
    Mutant(
        (16, 2),
        "Trimming several raises the floor to the oldest of them",
        LUA,
        "call('ZRANGE', key, over, over)[1]",
        "call('ZRANGE', key, 1, 1)[1]",
        (
            "timelines/test_gaps"
            "::test_trimming_several_at_once_raises_the_floor_to_the_newest_of_them",
        ),
    ),
    Mutant(
        (16,),
        "Pushing does not trim",
        LUA,
        "                trim(key, extra, most)\n",
        "",
        (
            "timelines/test_store"
            "::test_a_full_timeline_keeps_exactly_the_newest_and_raises_its_floor",
        ),
    ),
    Mutant(
        (16,),
        "Merging does not trim",
        LUA,
        "trim(key, extra, tonumber(ARGV[2]))\n",
        "",
        ("timelines/test_store::test_merged_ids_are_trimmed_like_pushed_ones",),
    ),
    Mutant(
        (16,),
        "Building does not trim",
        LUA,
        "trim(build, 1, tonumber(ARGV[2]))\n",
        "",
        (
            "timelines/test_gaps"
            "::test_what_a_build_read_and_what_was_pushed_meanwhile_are_trimmed_together",
        ),
    ),
    Mutant(
        (16,),
        "The token of a builder counts as an entry",
        LUA,
        "return key, tonumber(floor), 2 end",
        "return key, tonumber(floor), 1 end",
        ("timelines/test_store::test_a_build_is_trimmed_exactly",),
    ),
]

COMMIT = [
    Mutant(
        (17,),
        "Tasks are sent when the change is made, before it is committed",
        OUTBOX,
        "    return Event.objects.bulk_create(events)\n",
        "    for event in Event.objects.bulk_create(events):\n        send([event])\n"
        "    return events\n",
        ("timelines/test_queues::test_no_task_starts_before_its_tweet_is_committed",),
        unseen="nothing is committed",
    ),
    Mutant(
        (17,),
        "Work is written down after the commit, and lost when the process dies in between",
        "tweets/posting.py",
        '        outbox.publish("tweet.posted", {"tweet_id": tweet.pk})\n',
        '        later = transaction.atomic(lambda: outbox.publish("tweet.posted", payload))\n'
        '        payload = {"tweet_id": tweet.pk}\n        transaction.on_commit(later)\n',
        (
            "timelines/test_queues"
            "::test_a_tweet_and_its_fan_out_are_committed_together_or_not_at_all",
        ),
    ),
    Mutant(
        (17,),
        "Who posts hands the work to the broker, and fails with it",
        OUTBOX,
        "transaction.on_commit(_nudge, robust=True)",
        "transaction.on_commit(lambda: relay() and None)",
        (
            "timelines/test_faults::test_without_redis_home_and_posting_are_right[stopped]",
            "timelines/test_faults::test_without_redis_home_and_posting_are_right[frozen]",
        ),
        unseen="nothing is committed",
    ),
    Mutant(
        (17,),
        "An event is struck out when it was sent",
        OUTBOX,
        "            _lease(sent)\n",
        "            Event.objects.filter(pk__in=sent).delete()\n",
        (
            "outbox/test_services::test_what_is_not_done_when_its_lease_ends_is_sent_again",
            "timelines/test_queues::test_an_event_is_still_owed_while_its_task_is_with_the_broker",
        ),
    ),
    Mutant(
        (17,),
        "An event is struck out before its work is done",
        WORKER,
        "    try:\n        work(**event.payload)\n",
        "    services.done([event.pk])\n    try:\n        work(**event.payload)\n",
        (
            "outbox/test_worker::test_a_failing_task_stays_with_its_error_until_it_succeeds",
            "timelines/test_faults"
            "::test_a_worker_killed_half_way_through_a_large_fan_out_loses_nobody",
        ),
    ),
    Mutant(
        (17,),
        "What was sent is sent again with every sweep",
        OUTBOX,
        "        if sent:\n            _lease(sent)\n",
        "",
        ("outbox/test_services::test_what_was_sent_is_leased_until_it_is_done",),
    ),
    Mutant(
        (17,),
        "Two relays send the same events",
        OUTBOX,
        "FOR UPDATE SKIP LOCKED\n) late\n",
        "\n) late\n",
        ("outbox/test_relays::test_sixteen_relays_share_the_work_without_doubling",),
        unseen="two processes have to meet",
    ),
    Mutant(
        (17,),
        "What was published before the clock stepped back waits until it is there again",
        OUTBOX,
        "WHERE attempts = 0 AND due_at > statement_timestamp()",
        "WHERE false",
        ("outbox/test_clock::test_a_clock_that_is_behind_sends_what_was_published_before",),
        unseen="the clock goes right",
    ),
    Mutant(
        (17,),
        "Leases become longer by as much as the clock stepped back",
        OUTBOX,
        "    WHERE attempts > 0 AND due_at",
        "    WHERE false AND due_at",
        ("outbox/test_clock::test_a_clock_that_is_behind_ends_the_leases_of_before",),
        unseen="the clock goes right",
    ),
]

SHARING = [
    Mutant(
        (18, 17),
        "A task that is delivered again after it was done is done again",
        WORKER,
        "services.pending(event_ids)",
        '[Event(pk=pk, payload={"number": 0}) for pk in event_ids]',
        (
            "outbox/test_worker"
            "::test_an_event_that_is_delivered_again_after_it_was_done_does_nothing",
        ),
        unseen="twice is the same",
    ),
    Mutant(
        (18,),
        "One task serves all followers, however many there are",
        FANOUT,
        "RANGE_SIZE = 5_000",
        "RANGE_SIZE = 1_000_000",
        ("timelines/test_queues::test_a_large_audience_is_served_in_several_short_tasks",),
    ),
    Mutant(
        (18,),
        "Every range begins with the first follower",
        FANOUT,
        "after or FIRST, up_to)",
        "FIRST, up_to)",
        ("timelines/test_queues::test_a_large_audience_is_served_in_several_short_tasks",),
    ),
    Mutant(
        (18,),
        "One task demotes an author for all followers",
        "timelines/celebrities.py",
        "STEP = 500",
        "STEP = 1_000_000",
        ("timelines/test_queues::test_a_demotion_of_many_followers_is_cut_into_short_tasks",),
    ),
    Mutant(
        (19,),
        "Fan-outs share a queue with merges and imports",
        "chirp/settings.py",
        '    "timelines.fan_out*": {"queue": "fanout"},\n',
        "",
        ("timelines/test_queues::test_fan_outs_have_a_queue_that_nothing_else_is_in",),
    ),
    Mutant(
        (19,),
        "Merges and imports share the queue of fan-outs",
        "chirp/settings.py",
        '    "timelines.*": {"queue": "backfill"},\n',
        '    "timelines.*": {"queue": "fanout"},\n',
        ("timelines/test_queues::test_fan_outs_have_a_queue_that_nothing_else_is_in",),
    ),
    Mutant(
        (19,),
        "The worker of fan-outs takes all other work too",
        "runner/programs.py",
        'worker_command("fanout", "fanout", FANOUT_PROCESSES)',
        'worker_command("fanout", f"fanout,{BACKGROUND_QUEUES}", FANOUT_PROCESSES)',
        (
            "timelines/test_queues"
            "::test_one_worker_does_nothing_but_fan_outs_and_all_queues_have_a_worker",
        ),
    ),
    Mutant(
        (19,),
        "One worker serves all queues",
        "runner/programs.py",
        '        Program("worker-fanout", _celery(fanout), "work", patience=60),\n',
        "",
        (
            "timelines/test_queues"
            "::test_one_worker_does_nothing_but_fan_outs_and_all_queues_have_a_worker",
        ),
    ),
]

MUTANTS = [*BUILDING, *MEMORY, *TRIMMING, *COMMIT, *SHARING]
