"""Mistakes about what was deleted, undone, unfollowed, hidden or edited: defects 8 to 12."""

from tools.mutants.mutant import Mutant

FANOUT = "timelines/fanout.py"
SERVICES = "timelines/services.py"
CANDIDATES = "timelines/candidates.py"
RULES = "timelines/rules.py"
HYDRATE = "tweets/read/hydrate.py"
EDITING = "tweets/editing.py"
UPDATE = "update(**changes, edited_at=Now())"

LATE = [
    Mutant(
        (8,),
        "Reads show whatever was pushed, followed or not",
        RULES,
        "    if not (tweet.mine or tweet.follows):\n",
        "    if tweet.author_id == 0:\n",
        ("timelines/test_late::test_who_is_unfollowed_is_gone_at_the_next_read",),
    ),
    Mutant(
        (8,),
        "Reads show what was deleted",
        HYDRATE,
        "    if tweet.gone or tweet.author_gone or tweet.blocked_by:\n",
        "    if tweet.author_gone or tweet.blocked_by:\n",
        ("timelines/test_rules::test_a_deleted_tweet_is_gone_at_once_and_so_are_its_reposts",),
    ),
    Mutant(
        (8,),
        "A fan-out does not look whether its tweet still stands",
        FANOUT,
        " AND t.deleted_at IS NULL ORDER BY t.id",
        " ORDER BY t.id",
        ("timelines/test_late::test_a_late_push_of_a_deleted_tweet_leaves_nothing",),
    ),
    Mutant(
        (8,),
        "A range of a fan-out does not look whether its tweet still stands",
        FANOUT,
        "standing([one.tweet_id for one in ranges])",
        "[Posted(one.tweet_id, first.author_id, False, 0, False) for one in ranges]",
        ("timelines/test_late::test_a_late_range_of_a_fan_out_of_a_deleted_tweet_leaves_nothing",),
    ),
    Mutant(
        (8,),
        "A merge does not look whether the follow still holds",
        SERVICES,
        "if not _follows(follower_id, followee_id) or is_pulled",
        "if is_pulled",
        ("timelines/test_late::test_a_late_merge_of_somebody_unfollowed_leaves_nothing",),
    ),
    Mutant(
        (8,),
        "An unmerge does not look whether the follow is back",
        SERVICES,
        "        if _follows(follower_id, followee_id) or not",
        "        if not",
        ("timelines/test_late::test_a_late_unmerge_of_somebody_followed_again_takes_nothing",),
    ),
    Mutant(
        (8,),
        "An unmerge lets follows slip in between its look and its removal",
        SERVICES,
        "        User.objects.select_for_update(no_key=True).filter(pk=follower_id).first()\n",
        "",
        (
            "timelines/test_late"
            "::test_no_follow_slips_in_between_the_look_and_the_removal_of_an_unmerge",
        ),
        unseen="two processes have to meet",
    ),
]

REPOSTS = [
    Mutant(
        (9,),
        "An unmerge takes what others reposted of the author",
        SERVICES,
        "        store.remove(spans[followee_id].ids, [home])\n",
        "        from tweets.models import Tweet\n\n"
        "        reposts = Tweet.objects.filter(repost_of__author_id=followee_id)\n"
        '        taken = reposts.values_list("pk", flat=True)\n'
        "        store.remove([*spans[followee_id].ids, *taken], [home])\n",
        (
            "timelines/test_rules"
            "::test_unfollowing_keeps_a_tweet_that_somebody_still_followed_reposted",
        ),
    ),
    Mutant(
        (9,),
        "A repost is shown only to those who follow the original's author",
        RULES,
        "    if not (tweet.mine or tweet.follows):\n",
        "    if not (tweet.mine or (tweet.original or tweet).follows):\n",
        (
            "timelines/test_rules"
            "::test_unfollowing_keeps_a_tweet_that_somebody_still_followed_reposted",
        ),
    ),
    Mutant(
        (10,),
        "Undoing a repost retracts the original",
        FANOUT,
        "        store.remove([tweet.pk], some)\n",
        "        store.remove([tweet.pk, tweet.repost_of_id or tweet.pk], some)\n",
        ("timelines/test_late::test_undoing_one_of_two_reposts_keeps_the_other_and_the_original",),
    ),
    Mutant(
        (10,),
        "A repost is folded when it is pushed: the original gives way to it",
        FANOUT,
        "    for tweet in large:\n",
        "    reposts = Tweet.objects.filter(pk__in=tweet_ids, repost_of__isnull=False)\n"
        '    store.remove(list(reposts.values_list("repost_of_id", flat=True)), homes)\n'
        "    for tweet in large:\n",
        ("timelines/test_late::test_undoing_one_of_two_reposts_keeps_the_other_and_the_original",),
    ),
    Mutant(
        (10,),
        "A repost is pushed in the name of the original",
        FANOUT,
        "setdefault(tweet.author_id, []).append(tweet.id)",
        "setdefault(tweet.author_id, []).append("
        "Tweet.objects.get(pk=tweet.id).repost_of_id or tweet.id)",
        ("timelines/test_late::test_a_repost_that_arrives_before_its_original_hides_neither",),
    ),
    Mutant(
        (10,),
        "A repost is pushed only where the original was before",
        FANOUT,
        "store.push(homes))\n",
        "0)\n"
        "    reposts = Tweet.objects.filter(pk__in=tweet_ids, repost_of__isnull=False)\n"
        '    of = dict(reposts.values_list("pk", "repost_of_id"))\n'
        "    there = {s: set(store.peek(s)[1]) for s in homes}\n"
        "    store.push(\n"
        "        {s: [i for i in ids if of.get(i, i) in {i, *there[s]} - set(of)]"
        " for s, ids in homes.items()}\n    )\n",
        ("timelines/test_late::test_a_repost_that_arrives_before_its_original_hides_neither",),
    ),
    Mutant(
        (10,),
        "A second repost of a tweet waits until the first is undone",
        FANOUT,
        " AND t.deleted_at IS NULL ORDER BY t.id",
        " AND t.deleted_at IS NULL AND NOT EXISTS (SELECT FROM tweets_tweet o WHERE"
        " o.repost_of_id = t.repost_of_id AND o.id < t.id) ORDER BY t.id",
        ("timelines/test_late::test_undoing_one_of_two_reposts_keeps_the_other_and_the_original",),
    ),
]

HIDDEN = [
    Mutant(
        (11,),
        "A mute or a block does not reach what others repost",
        HYDRATE,
        "    return not (tweet.blocks or tweet.mutes or original.blocks or original.mutes)\n",
        "    return not (tweet.blocks or tweet.mutes)\n",
        ("timelines/test_rules::test_mutes_and_blocks_hide_an_author_reposts_included",),
    ),
    Mutant(
        (11,),
        "Who is blocked still reads the reposts",
        HYDRATE,
        "    if tweet.gone or tweet.author_gone or tweet.blocked_by:\n",
        "    if tweet.gone or tweet.author_gone:\n",
        ("timelines/test_rules::test_mutes_and_blocks_hide_an_author_reposts_included",),
    ),
    Mutant(
        (11,),
        "An account gone private is still read through reposts",
        HYDRATE,
        "(tweet.visibility == Visibility.FOLLOWERS or tweet.private)",
        "(tweet.visibility == Visibility.FOLLOWERS)",
        ("timelines/test_rules::test_a_repost_of_an_account_gone_private_is_for_its_followers",),
    ),
    Mutant(
        (11,),
        "A timeline is built without those who are muted just now",
        CANDIDATES,
        "WHERE follower_id = %(viewer)s::bigint AND since_id IS NOT NULL\n",
        "WHERE follower_id = %(viewer)s::bigint AND since_id IS NOT NULL AND NOT EXISTS (\n"
        "    SELECT FROM people_mute\n"
        "    WHERE muter_id = f.follower_id AND muted_id = f.followee_id)\n",
        (
            "timelines/test_late"
            "::test_who_was_muted_while_a_timeline_was_built_is_back_when_unmuted",
        ),
    ),
    Mutant(
        (11,),
        "A fan-out passes by those who mute the author just now",
        FANOUT,
        "WHERE followee_id = ANY (%(authors)s::bigint[]) AND since_id IS NOT NULL\n",
        "WHERE followee_id = ANY (%(authors)s::bigint[]) AND since_id IS NOT NULL\n"
        "    AND NOT EXISTS (SELECT FROM people_mute"
        " WHERE muter_id = follower_id AND muted_id = followee_id)\n",
        (
            "timelines/test_late"
            "::test_who_was_muted_while_a_timeline_was_built_is_back_when_unmuted",
        ),
    ),
    Mutant(
        (11,),
        "A timeline is built without those who are away just now",
        CANDIDATES,
        "WHERE follower_id = %(viewer)s::bigint AND since_id IS NOT NULL\n",
        "WHERE follower_id = %(viewer)s::bigint AND since_id IS NOT NULL AND NOT EXISTS (\n"
        "    SELECT FROM accounts_user WHERE id = f.followee_id\n"
        "    AND (deactivated_at IS NOT NULL OR suspended_at IS NOT NULL))\n",
        (
            "timelines/test_late"
            "::test_what_was_away_while_a_timeline_was_built_is_there_when_it_is_back",
        ),
    ),
]

EDITS = [
    Mutant(
        (12,),
        "An edit is posted again",
        EDITING,
        "        words.reindex(tweet)\n",
        "        words.reindex(tweet)\n    from outbox import services as outbox\n\n"
        '    outbox.publish("tweet.posted", {"tweet_id": tweet.pk})\n',
        (
            "tweets/test_editing::test_nobody_is_told",
            "timelines/test_edits::test_an_edit_owes_nobody_anything",
        ),
    ),
    Mutant(
        (12,),
        "An edit is a new tweet, at the top of every timeline",
        EDITING,
        "            _edit(tweet, changes)\n",
        "            from tweets.posting import delete_tweet, post_tweet\n\n"
        "            delete_tweet(author=author, tweet_id=tweet.pk)\n"
        '            tweet = post_tweet(author=author, text=changes.get("text", tweet.text))\n',
        (
            "tweets/test_editing::test_it_changes_the_words_and_nothing_else",
            "timelines/test_edits::test_an_edit_moves_and_loses_nothing",
        ),
    ),
    Mutant(
        (12,),
        "An edit of a direct tweet takes it from those whom it was written to",
        "tweets/mentions_and_tags.py",
        "    if tweet.visibility == Visibility.DIRECT:\n        return\n",
        "",
        (
            "tweets/test_editing::test_a_direct_tweet_stays_for_those_whom_it_was_written_to",
            "timelines/test_edits::test_an_edit_of_a_direct_tweet_keeps_its_readers",
        ),
    ),
    Mutant(
        (12,),
        "An edit makes a tweet public",
        EDITING,
        UPDATE,
        'update(**changes, visibility="public", edited_at=Now())',
        ("tweets/test_editing::test_it_changes_the_words_and_nothing_else",),
    ),
    Mutant(
        (12,),
        "An edited reply forgets whom it answers",
        EDITING,
        UPDATE,
        "update(**changes, reply_to_author=None, edited_at=Now())",
        ("tweets/test_editing::test_it_changes_the_words_and_nothing_else",),
    ),
]

MUTANTS = [*LATE, *REPOSTS, *HIDDEN, *EDITS]
