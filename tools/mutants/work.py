"""Mistakes in builds, expiry, trimming, delivery and queues: defects 13 to 19."""

from tools.mutants.mutant import Mutant

BUILDING = [
    Mutant(
        defects=(13,),
        mistake="Every reader that finds a timeline cold builds it",
        target="ANNOUNCE",
        old="if call('ZSCORE', build, ARGV[1]) then return 'busy' end\n",
        new="",
        tests=(
            "test_only_one_builder_gets_the_lease",
            "test_many_readers_of_a_cold_timeline_build_it_once",
        ),
    ),
    Mutant(
        defects=(13,),
        mistake="A builder finishes a build that another process has taken over",
        target="FINISH",
        old="if not floor or call('ZREM', build, ARGV[4]) == 0 then return 0 end\n",
        new="if not floor then return 0 end\ncall('ZREM', build, ARGV[4])\n",
        tests=("test_a_dead_builder_blocks_no_other_and_cannot_finish_late",),
    ),
    Mutant(
        defects=(13,),
        mistake="Readers wait until another process has built the timeline",
        target="_slices",
        old="""\
    if cold:
        _warm_up(cold)
        found |= store.read(cold, below=below, limit=size)
""",
        new="""\
    while cold:
        _warm_up(cold)
        found |= store.read(cold, below=below, limit=size)
        cold = [source for source in sources if found[source] is None]
""",
        tests=("test_a_reader_does_not_wait_until_the_lease_of_a_dead_builder_ends",),
    ),
    Mutant(
        defects=(13, 15),
        mistake="The lease of a builder never ends",
        target="ANNOUNCE",
        old="call('PEXPIRE', build, ARGV[3])\n",
        new="",
        tests=(
            "test_the_lease_of_a_builder_ends",
            "test_an_unfinished_build_leaves_nothing",
        ),
    ),
    Mutant(
        defects=(13,),
        mistake="An empty timeline stays cold, and is built at every read",
        target="FINISH",
        old="trim(build, 1, tonumber(ARGV[2]))\n",
        new=(
            "trim(build, 1, tonumber(ARGV[2]))\n"
            "if call('ZCARD', build) == 1 then return call('DEL', build) end\n"
        ),
        tests=("test_a_timeline_without_followees_is_built_once",),
    ),
    Mutant(
        defects=(14,),
        mistake="A cold home timeline stays cold",
        target="_warm_up",
        old="            services.populate(viewer_id=source.owner)\n",
        new="            continue\n",
        tests=("test_a_redis_that_was_emptied_is_filled_from_postgres",),
    ),
    Mutant(
        defects=(14,),
        mistake="A cold set of a celebrity stays cold",
        target="_warm_up",
        old="        services.populate_authors(authors)\n",
        new="        pass\n",
        tests=("test_after_redis_was_emptied_homes_and_celebrities_are_built_again",),
    ),
    Mutant(
        defects=(14,),
        mistake="Valkey restarts with old timelines",
        target="runner.embedded.valkey:SETTINGS",
        old='    "save": "",\n',
        new='    "save": "3600 1",\n',
        tests=("test_valkey_comes_back_empty",),
        unseen="no server is restarted",
    ),
]

MEMORY = [
    Mutant(
        defects=(15,),
        mistake="Timelines never expire",
        target="FINISH",
        old="call('EXPIRE', KEYS[1], ARGV[5])\n",
        new="call('PERSIST', KEYS[1])\n",
        tests=("test_an_unread_timeline_expires",),
    ),
    Mutant(
        defects=(15,),
        mistake="Timelines live as long as the lease of their builder",
        target="FINISH",
        old="call('EXPIRE', KEYS[1], ARGV[5])\n",
        new="",
        tests=("test_a_timeline_in_use_lives_as_long_as_the_setting_says",),
    ),
    Mutant(
        defects=(15,),
        mistake="A push extends the lifetime of a timeline that is never read",
        target="PUSH",
        old="                trim(key, extra, most)\n",
        new=(
            "                trim(key, extra, most)\n                call('EXPIRE', key, 2592000)\n"
        ),
        tests=("test_nothing_but_reading_keeps_a_timeline_in_memory",),
    ),
    Mutant(
        defects=(15,),
        mistake="A merge extends the lifetime of a timeline that is never read",
        target="ADD",
        old="trim(key, extra, tonumber(ARGV[2]))\n",
        new="trim(key, extra, tonumber(ARGV[2]))\ncall('EXPIRE', key, 2592000)\n",
        tests=("test_nothing_but_reading_keeps_a_timeline_in_memory",),
    ),
    Mutant(
        defects=(15,),
        mistake="A new follow builds the timeline of a follower who never reads",
        target="timelines.services:merge",
        old="is_pulled(followee_id) or not store.warm([home]):",
        new=(
            "is_pulled(followee_id) or not (\n"
            "        store.warm([home]) or populate(viewer_id=follower_id)\n    ):"
        ),
        tests=("test_an_account_that_never_reads_costs_no_memory",),
    ),
    Mutant(
        defects=(15,),
        mistake="Reading does not extend the lifetime of a timeline",
        target="READ",
        old="        call('EXPIRE', key, ARGV[3])\n",
        new="",
        tests=("test_an_unread_timeline_expires",),
    ),
]

TRIMMING = [
    Mutant(
        defects=(16,),
        mistake="Trimming leaves one entry too many",
        target="_TRIM",
        old="call('ZCARD', key) - extra - most\n",
        new="call('ZCARD', key) - extra - most - 1\n",
        tests=("test_a_full_timeline_keeps_exactly_the_newest_and_raises_its_floor",),
    ),
    Mutant(
        defects=(16,),
        mistake="Trimming leaves one entry too few",
        target="_TRIM",
        old="call('ZCARD', key) - extra - most\n",
        new="call('ZCARD', key) - extra - most + 1\n",
        tests=("test_a_full_timeline_keeps_exactly_the_newest_and_raises_its_floor",),
    ),
    Mutant(
        defects=(16,),
        mistake="Trimming counts from the floor",
        target="_TRIM",
        old="call('ZREMRANGEBYRANK', key, 1, over)",
        new="call('ZREMRANGEBYRANK', key, 0, over - 1)",
        tests=("test_a_full_timeline_keeps_exactly_the_newest_and_raises_its_floor",),
    ),
    Mutant(
        defects=(16, 2),
        mistake="Trimming several entries raises the floor to the oldest of them",
        target="_TRIM",
        old="call('ZRANGE', key, over, over)[1]",
        new="call('ZRANGE', key, 1, 1)[1]",
        tests=("test_trimming_several_at_once_raises_the_floor_to_the_newest_of_them",),
    ),
    Mutant(
        defects=(16,),
        mistake="Pushing does not trim",
        target="PUSH",
        old="                trim(key, extra, most)\n",
        new="",
        tests=("test_a_full_timeline_keeps_exactly_the_newest_and_raises_its_floor",),
    ),
    Mutant(
        defects=(16,),
        mistake="Merging does not trim",
        target="ADD",
        old="trim(key, extra, tonumber(ARGV[2]))\n",
        new="",
        tests=("test_merged_ids_are_trimmed_like_pushed_ones",),
    ),
    Mutant(
        defects=(16,),
        mistake="Building does not trim",
        target="FINISH",
        old="trim(build, 1, tonumber(ARGV[2]))\n",
        new="",
        tests=("test_what_a_build_read_and_what_was_pushed_meanwhile_are_trimmed_together",),
    ),
    Mutant(
        defects=(16,),
        mistake="The token of a builder counts as an entry",
        target="_LIVE",
        old="return key, tonumber(floor), 2 end",
        new="return key, tonumber(floor), 1 end",
        tests=("test_a_build_is_trimmed_exactly",),
    ),
]

COMMIT = [
    Mutant(
        defects=(17,),
        mistake="Tasks are sent when the change is made, before it is committed",
        target="publish",
        old="    _insert(row, after=after or (settings.OUTBOX_LEASE_SECONDS if leased else 0))\n",
        new=(
            "    _insert(row, after=after or (settings.OUTBOX_LEASE_SECONDS if leased else 0))\n"
            "    for task in consumers:\n        send([Delivery(task, row)])\n"
        ),
        tests=("test_no_task_starts_before_its_tweet_is_committed",),
        unseen="the model test commits nothing",
    ),
    Mutant(
        defects=(17,),
        mistake="An event is stored after the commit, and lost when the process dies in between",
        target="post_tweet",
        old="        publish(TweetPosted(tweet_id=tweet.pk))\n",
        new=(
            "        posted = TweetPosted(tweet_id=tweet.pk)\n"
            "        transaction.on_commit(transaction.atomic(lambda: publish(posted)))\n"
        ),
        tests=("test_a_tweet_and_its_fan_out_are_committed_together_or_not_at_all",),
    ),
    Mutant(
        defects=(17,),
        mistake="Posting sends tasks to the broker, and fails when it is down",
        target="_nudge_after_commit",
        old='primary.run_after_commit(f"NOTIFY {CHANNEL}")',
        new=(
            "from outbox import relaying\n"
            "    transaction.on_commit(lambda: relaying.relay() and None)"
        ),
        tests=(
            "test_without_redis_home_and_posting_are_right[stopped]",
            "test_without_redis_home_and_posting_are_right[frozen]",
        ),
        unseen="the model test commits nothing",
    ),
    Mutant(
        defects=(17,),
        mistake="An event is deleted when it is sent",
        target="relay",
        old="            _lease(sent, told)\n",
        new="            Event.objects.filter(pk__in=sent).delete()\n",
        tests=(
            "test_what_is_not_done_when_its_lease_ends_is_sent_again",
            "test_an_event_is_pending_while_its_task_is_with_the_broker",
        ),
    ),
    Mutant(
        defects=(17,),
        mistake="An event is deleted before its task has finished",
        target="outbox:_alone",
        old="    try:\n        with traces",
        new="    services.done([event.pk], task=task)\n    try:\n        with traces",
        tests=(
            "test_a_failing_task_stays_with_its_error_until_it_succeeds",
            "test_a_worker_killed_during_a_large_fan_out_skips_no_follower",
        ),
    ),
    Mutant(
        defects=(17,),
        mistake="Sent events are sent again at every sweep",
        target="relay",
        old="        if sent:\n            _lease(sent, told)\n",
        new="",
        tests=("test_what_was_sent_is_leased_until_it_is_done",),
    ),
    Mutant(
        defects=(17,),
        mistake="Two relays send the same events",
        target="DUE",
        old="FOR UPDATE SKIP LOCKED\n) late\n",
        new="\n) late\n",
        tests=("test_sixteen_relays_share_the_work_without_doubling",),
        unseen="it needs two concurrent processes",
    ),
    Mutant(
        defects=(17,),
        mistake="Events from before a step back of the clock wait until it has caught up",
        target="DUE",
        old="WHERE attempts = 0 AND due_at > statement_timestamp()",
        new="WHERE false",
        tests=("test_a_clock_that_is_behind_sends_what_was_published_before",),
        unseen="the clock never steps",
    ),
    Mutant(
        defects=(17,),
        mistake="A step back of the clock extends leases by as much",
        target="DUE",
        old="    WHERE attempts > 0 AND due_at",
        new="    WHERE false AND due_at",
        tests=("test_a_clock_that_is_behind_ends_the_leases_of_before",),
        unseen="the clock never steps",
    ),
]

SHARING = [
    Mutant(
        defects=(18, 17),
        mistake="A task that is delivered again after it finished runs again",
        target="outbox_task.decorate.perform",
        old="services.pending(event_ids, task=name)",
        new='[Event(pk=pk, payload={"number": 0}) for pk in event_ids]',
        tests=("test_an_event_that_is_delivered_again_after_it_was_done_does_nothing",),
        unseen="running twice changes nothing",
    ),
    Mutant(
        defects=(18,),
        mistake="One task pushes to all followers, regardless of their number",
        target="RANGE_SIZE",
        old="RANGE_SIZE = 5_000",
        new="RANGE_SIZE = 1_000_000",
        tests=("test_a_large_audience_is_served_in_several_short_tasks",),
    ),
    Mutant(
        defects=(18,),
        mistake="Every range begins with the first follower",
        target="_hand_on",
        old="after=after or FIRST",
        new="after=FIRST",
        tests=("test_a_large_audience_is_served_in_several_short_tasks",),
    ),
    Mutant(
        defects=(18,),
        mistake="One task demotes an author for all followers",
        target="STEP",
        old="STEP = 500",
        new="STEP = 1_000_000",
        tests=("test_a_demotion_of_many_followers_is_cut_into_short_tasks",),
    ),
    Mutant(
        defects=(19,),
        mistake="Fan-outs share a queue with merges and imports",
        target="CELERY_TASK_ROUTES",
        old='    "timelines.fan_out*": {"queue": "fanout"},\n',
        new="",
        tests=("test_fan_outs_have_a_queue_that_nothing_else_is_in",),
    ),
    Mutant(
        defects=(19,),
        mistake="Merges and imports share the queue of fan-outs",
        target="CELERY_TASK_ROUTES",
        old='    "timelines.*": {"queue": "backfill"},\n',
        new='    "timelines.*": {"queue": "fanout"},\n',
        tests=("test_fan_outs_have_a_queue_that_nothing_else_is_in",),
    ),
    Mutant(
        defects=(19,),
        mistake="The fan-out worker also consumes all other queues",
        target="runner:_workers",
        old='worker_command("fanout", "fanout", FANOUT_PROCESSES)',
        new='worker_command("fanout", f"fanout,{BACKGROUND_QUEUES}", FANOUT_PROCESSES)',
        tests=("test_one_worker_does_nothing_but_fan_outs_and_all_queues_have_a_worker",),
    ),
    Mutant(
        defects=(19,),
        mistake="One worker consumes all queues",
        target="runner:_workers",
        old='        Program("worker-fanout", _python(*fanout), "work", patience=60),\n',
        new="",
        tests=("test_one_worker_does_nothing_but_fan_outs_and_all_queues_have_a_worker",),
    ),
]

MUTANTS = [*BUILDING, *MEMORY, *TRIMMING, *COMMIT, *SHARING]
