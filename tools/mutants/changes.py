"""Mistakes in deletions, undone reposts, unfollows, hiding and edits: defects 8 to 12, and 20."""

from tools.mutants.mutant import Mutant

UPDATE = "update(**changes, edited_at=Now())"

LATE = [
    Mutant(
        defects=(8,),
        mistake="Reads show pushed tweets of authors who are not followed",
        target="_missing_source",
        old="    if not tweet.follows:\n",
        new="    if tweet.author_id == 0:\n",
        tests=("test_an_unfollowed_author_is_hidden_at_the_next_read",),
    ),
    Mutant(
        defects=(8,),
        mistake="Reads show deleted tweets",
        target="_may_see_alone",
        old="    if tweet.gone or tweet.author_gone or tweet.blocked_by:\n",
        new="    if tweet.author_gone or tweet.blocked_by:\n",
        tests=("test_a_deleted_tweet_is_gone_at_once_and_so_are_its_reposts",),
    ),
    Mutant(
        defects=(8,),
        mistake="A fan-out does not check that its tweet is not deleted",
        target="NOT_DELETED",
        old=" AND t.deleted_at IS NULL ORDER BY t.id",
        new=" ORDER BY t.id",
        tests=("test_a_late_push_of_a_deleted_tweet_leaves_nothing",),
    ),
    Mutant(
        defects=(8,),
        mistake="A range of a fan-out does not check that its tweet is not deleted",
        target="fan_out_ranges",
        old="not_deleted([one.tweet_id for one in ranges])",
        new="[Posted(one.tweet_id, first.author_id, False, 0, False) for one in ranges]",
        tests=("test_a_late_range_of_a_fan_out_of_a_deleted_tweet_leaves_nothing",),
    ),
    Mutant(
        defects=(8,),
        mistake="A merge does not check that the follow still exists",
        target="timelines.services:merge",
        old="if not _follows(follower_id, followee_id) or is_pulled",
        new="if is_pulled",
        tests=("test_a_late_merge_of_an_unfollowed_author_adds_nothing",),
    ),
    Mutant(
        defects=(8,),
        mistake="An unmerge does not check that the follow has not been renewed",
        target="timelines.services:unmerge",
        old="        if _follows(follower_id, followee_id) or not",
        new="        if not",
        tests=("test_a_late_unmerge_of_an_author_followed_again_removes_nothing",),
    ),
    Mutant(
        defects=(8,),
        mistake="An unmerge lets a follow commit between its check and its removal",
        target="timelines.services:unmerge",
        old="        lock_account(follower_id)\n",
        new="",
        tests=("test_no_follow_commits_between_the_check_and_the_removal_of_an_unmerge",),
        unseen="it needs two concurrent processes",
    ),
]

REPOSTS = [
    Mutant(
        defects=(9,),
        mistake="An unmerge removes other accounts' reposts of the author",
        target="timelines.services:unmerge",
        old="        store.remove(spans[followee_id].ids, [home])\n",
        new=(
            "        from tweets.models import Tweet\n\n"
            "        reposts = Tweet.objects.filter(repost_of__author_id=followee_id)\n"
            '        taken = reposts.values_list("pk", flat=True)\n'
            "        store.remove([*spans[followee_id].ids, *taken], [home])\n"
        ),
        tests=("test_unfollowing_keeps_a_tweet_that_another_followee_reposted",),
    ),
    Mutant(
        defects=(9,),
        mistake="A repost is shown only to followers of the original's author",
        target="_missing_source",
        old="    if not tweet.follows:\n",
        new="    if not (tweet.original or tweet).follows:\n",
        tests=("test_unfollowing_keeps_a_tweet_that_another_followee_reposted",),
    ),
    Mutant(
        defects=(10,),
        mistake="Undoing a repost retracts the original",
        target="timelines.fanout:retract",
        old="        store.remove([tweet.pk], some)\n",
        new="        store.remove([tweet.pk, tweet.repost_of_id or tweet.pk], some)\n",
        tests=("test_undoing_one_of_two_reposts_keeps_the_other_and_the_original",),
    ),
    Mutant(
        defects=(10,),
        mistake="A repost is folded when it is pushed: it replaces the original",
        target="timelines.fanout:fan_out",
        old="    for tweet in large:\n",
        new=(
            "    reposts = Tweet.objects.filter(pk__in=tweet_ids, repost_of__isnull=False)\n"
            '    store.remove(list(reposts.values_list("repost_of_id", flat=True)), homes)\n'
            "    for tweet in large:\n"
        ),
        tests=("test_undoing_one_of_two_reposts_keeps_the_other_and_the_original",),
    ),
    Mutant(
        defects=(10,),
        mistake="A repost is pushed with the id of the original",
        target="_followed",
        old="setdefault(tweet.author_id, []).append(tweet.id)",
        new=(
            "setdefault(tweet.author_id, []).append("
            "Tweet.objects.get(pk=tweet.id).repost_of_id or tweet.id)"
        ),
        tests=("test_a_repost_that_arrives_before_its_original_hides_neither",),
    ),
    Mutant(
        defects=(10,),
        mistake="A repost is pushed only where the original was before",
        target="timelines.fanout:fan_out",
        old="store.push(homes))\n",
        new=(
            "0)\n"
            "    reposts = Tweet.objects.filter(pk__in=tweet_ids, repost_of__isnull=False)\n"
            '    of = dict(reposts.values_list("pk", "repost_of_id"))\n'
            "    there = {s: set(store.peek(s)[1]) for s in homes}\n"
            "    some = {s: [i for i in ids if of.get(i, i) in {i, *there[s]} - set(of)]"
            " for s, ids in homes.items()}\n"
            "    store.push({s: ids for s, ids in some.items() if ids})\n"
        ),
        tests=("test_a_repost_that_arrives_before_its_original_hides_neither",),
    ),
    Mutant(
        defects=(10,),
        mistake="A second repost of a tweet waits until the first is undone",
        target="NOT_DELETED",
        old=" AND t.deleted_at IS NULL ORDER BY t.id",
        new=(
            " AND t.deleted_at IS NULL AND NOT EXISTS (SELECT FROM tweets_tweet o WHERE"
            " o.repost_of_id = t.repost_of_id AND o.id < t.id) ORDER BY t.id"
        ),
        tests=("test_undoing_one_of_two_reposts_keeps_the_other_and_the_original",),
    ),
]

HIDDEN = [
    Mutant(
        defects=(11,),
        mistake="A mute or a block does not apply to reposts by other accounts",
        target="welcome",
        old="    return not (tweet.blocks or tweet.mutes or original.blocks or original.mutes)\n",
        new="    return not (tweet.blocks or tweet.mutes)\n",
        tests=("test_mutes_and_blocks_hide_an_author_reposts_included",),
    ),
    Mutant(
        defects=(11,),
        mistake="A blocked viewer still reads the reposts",
        target="_may_see_alone",
        old="    if tweet.gone or tweet.author_gone or tweet.blocked_by:\n",
        new="    if tweet.gone or tweet.author_gone:\n",
        tests=("test_mutes_and_blocks_hide_an_author_reposts_included",),
    ),
    Mutant(
        defects=(11,),
        mistake="An account gone private is still read through reposts",
        target="_may_see_alone",
        old="tweet.visibility != Visibility.FOLLOWERS and not tweet.private",
        new="tweet.visibility != Visibility.FOLLOWERS",
        tests=("test_a_repost_of_an_account_gone_private_is_for_its_followers",),
    ),
    Mutant(
        defects=(11,),
        mistake="A build omits currently muted authors",
        target="_FOLLOWEES",
        old="WHERE follower_id = %(viewer)s::bigint AND since_id IS NOT NULL\n",
        new=(
            "WHERE follower_id = %(viewer)s::bigint AND since_id IS NOT NULL AND NOT EXISTS (\n"
            "    SELECT FROM people_mute\n"
            "    WHERE muter_id = f.follower_id AND muted_id = f.followee_id)\n"
        ),
        tests=("test_an_author_muted_during_a_build_is_shown_when_unmuted",),
    ),
    Mutant(
        defects=(11,),
        mistake="A fan-out skips followers who currently mute the author",
        target="FOLLOWERS",
        old="WHERE followee_id = ANY (%(authors)s::bigint[]) AND since_id IS NOT NULL\n",
        new=(
            "WHERE followee_id = ANY (%(authors)s::bigint[]) AND since_id IS NOT NULL\n"
            "    AND NOT EXISTS (SELECT FROM people_mute"
            " WHERE muter_id = follower_id AND muted_id = followee_id)\n"
        ),
        tests=("test_an_author_muted_during_a_build_is_shown_when_unmuted",),
    ),
    Mutant(
        defects=(11,),
        mistake="A build omits deactivated and suspended authors",
        target="_FOLLOWEES",
        old="WHERE follower_id = %(viewer)s::bigint AND since_id IS NOT NULL\n",
        new=(
            "WHERE follower_id = %(viewer)s::bigint AND since_id IS NOT NULL AND NOT EXISTS (\n"
            "    SELECT FROM accounts_user WHERE id = f.followee_id\n"
            "    AND (deactivated_at IS NOT NULL OR suspended_at IS NOT NULL))\n"
        ),
        tests=("test_a_tweet_hidden_during_a_build_is_shown_when_it_is_back",),
    ),
]

EDITS = [
    Mutant(
        defects=(12,),
        mistake="An edit is posted again",
        target="_edit",
        old="    publish(TweetEdited(tweet_id=tweet.pk))\n",
        new=(
            "    publish(TweetEdited(tweet_id=tweet.pk))\n"
            "    from tweets.events import TweetPosted\n\n"
            "    publish(TweetPosted(tweet_id=tweet.pk))\n"
        ),
        tests=("test_an_edit_is_no_new_tweet", "test_an_edit_is_no_work_for_timelines"),
    ),
    Mutant(
        defects=(12,),
        mistake="An edit is a new tweet, at the top of every timeline",
        target="edit_tweet",
        old="            _edit(tweet, changes)\n",
        new=(
            "            from tweets.deleting import delete_tweet\n"
            "            from tweets.posting import post_tweet\n\n"
            "            delete_tweet(author=author, tweet_id=tweet.pk)\n"
            '            tweet = post_tweet(author=author, text=changes.get("text", tweet.text))\n'
        ),
        tests=(
            "test_it_changes_the_text_and_nothing_else",
            "test_an_edit_moves_and_loses_nothing",
        ),
    ),
    Mutant(
        defects=(12,),
        mistake="An edit of a direct tweet removes its recipients",
        target="reindex",
        old="    if tweet.visibility == Visibility.DIRECT:\n        return\n",
        new="",
        tests=(
            "test_an_edit_keeps_the_recipients_of_a_direct_tweet",
            "test_an_edit_of_a_direct_tweet_keeps_its_readers",
        ),
    ),
    Mutant(
        defects=(12,),
        mistake="An edit makes a tweet public",
        target="_edit",
        old=UPDATE,
        new='update(**changes, visibility="public", edited_at=Now())',
        tests=("test_it_changes_the_text_and_nothing_else",),
    ),
    Mutant(
        defects=(12,),
        mistake="An edited reply loses the author it replies to",
        target="_edit",
        old=UPDATE,
        new="update(**changes, reply_to_author=None, edited_at=Now())",
        tests=("test_it_changes_the_text_and_nothing_else",),
    ),
]

CHOICES = [
    Mutant(
        defects=(20,),
        mistake="Lists that are not exclusive take people out of home",
        target="timelines.sql.readers:_CHOICES",
        old=" AND l.exclusive)",
        new=")",
        tests=("test_an_exclusive_list_takes_its_members_out_of_home",),
    ),
    Mutant(
        defects=(20,),
        mistake="The exclusive lists of all accounts count",
        target="timelines.sql.readers:_CHOICES",
        old="WHERE l.owner_id = %(viewer)s::bigint AND l.exclusive)",
        new="WHERE l.exclusive)",
        tests=("test_somebody_elses_exclusive_list_changes_nothing",),
    ),
    Mutant(
        defects=(20,),
        mistake="What Redis holds of people on exclusive lists is shown",
        target="_missing_source",
        old="    if tweet.author_id in viewer.exclusive:\n        return EXCLUSIVE\n",
        new="",
        tests=("test_an_exclusive_list_takes_its_members_out_of_home",),
    ),
    Mutant(
        defects=(20,),
        mistake="An exclusive list also takes out what carries a followed hashtag",
        target="broken_rule",
        old="if missing is not None and not",
        new="if missing is not None and missing is not FOLLOWED or missing and not",
        tests=("test_a_followed_hashtag_brings_in_what_an_exclusive_list_takes_out",),
    ),
    Mutant(
        defects=(20,),
        mistake="A followed hashtag brings in tweets that are not public",
        target="followed_tags",
        old=" or tweet.visibility != Visibility.PUBLIC",
        new="",
        tests=("test_a_followed_hashtag_brings_in_what_an_exclusive_list_takes_out",),
    ),
    Mutant(
        defects=(4, 20),
        mistake="Tweets with followed hashtags reach deeper than they were read",
        target="Home._with_tagged",
        old="(tagged.ids, tagged.floor)",
        new="(tagged.ids, 0)",
        tests=("test_many_tweets_with_many_followed_hashtags",),
    ),
    Mutant(
        defects=(4, 20),
        mistake="Upwards, tweets with followed hashtags reach higher than they were read",
        target="Home.above",
        old="        top = min(top, tagged_top)\n",
        new="",
        tests=("test_many_tweets_with_many_followed_hashtags",),
    ),
    Mutant(
        defects=(20,),
        mistake="Filters hide what the viewer wrote, and whom they reposted",
        target="tweets.read:found_by",
        old="    if tweet.mine or (tweet.original is not None and tweet.original.mine):\n",
        new="    if tweet.author_id == 0:\n",
        tests=(
            "test_a_hiding_filter_removes_tweets_at_every_read",
            "test_a_filter_looks_at_all_words_that_an_entry_shows",
        ),
    ),
    Mutant(
        defects=(20,),
        mistake="A filter tells what a quoted tweet says that the viewer may not see",
        target="tweets.read.filtered:_text_of",
        old="quoted = shown_quote(shown)",
        new="quoted = shown.quoted",
        tests=("test_a_filter_looks_at_all_words_that_an_entry_shows",),
    ),
    Mutant(
        defects=(20,),
        mistake="Home ignores filters",
        target="Timeline.apply_rules",
        old="return sift(self.filters, allowed) if self.filters else allowed",
        new="return allowed",
        tests=("test_a_hiding_filter_removes_tweets_at_every_read",),
    ),
    Mutant(
        defects=(20,),
        mistake="The reposts of everybody stay hidden",
        target="timelines.readers:_reader",
        old="hidden_until is not None and hidden_until > timezone.now()",
        new="hidden_until is not None",
        tests=("test_the_reposts_of_everybody_can_be_hidden_until_a_time",),
    ),
    Mutant(
        defects=(20,),
        mistake="The viewer's own reposts are hidden with those of everybody",
        target="broken_rule_anywhere",
        old="if tweet.repost_of_id is not None and not tweet.mine:",
        new="if tweet.repost_of_id is not None:",
        tests=("test_the_reposts_of_everybody_can_be_hidden_until_a_time",),
    ),
]
MUTANTS = [*LATE, *REPOSTS, *HIDDEN, *EDITS, *CHOICES]
