"""Known defects of other timelines, and mutants that introduce each of them into this one.

`script/mutants` applies the mutants, one after another, and checks that a test fails.
"""

from tools.mutants import changes, completeness, work
from tools.mutants.mutant import Mutant

DEFECTS = {
    1: "Ids lose digits as scores, so that some become equal and cursors skip tweets.",
    2: "A cached timeline has a gap that is never closed.",
    3: "A push to a cold timeline creates one that seems warm and has one entry.",
    4: "A merged page reaches below one of its truncated sources.",
    5: "A page whose entries are all filtered counts as the end.",
    6: "Tweets older than the cached window are skipped, repeated, or never shown.",
    7: "Promoting or demoting a celebrity leaves a gap or a duplicate.",
    8: "Late deliveries restore deleted tweets and unfollowed authors.",
    9: "Unfollowing removes reposts by authors who are still followed.",
    10: "Undoing a repost also removes the original, or another repost of it.",
    11: "A block, a mute or a private account hides too little, too late, or permanently.",
    12: "An edit moves a tweet, loses it, or notifies again.",
    13: "All readers build a cold timeline, or wait for it.",
    14: "After Redis was emptied, timelines stay missing, or old ones return.",
    15: "Deleted and inactive accounts use memory.",
    16: "A timeline is trimmed to the wrong length, or not by every write.",
    17: "Tasks start before the commit, or are lost with the broker or the worker.",
    18: "Long tasks are delivered again while they run, and run twice.",
    19: "Fan-outs wait behind an import.",
    20: "Hashtags, exclusive lists and hidden reposts show too much, too little, or too late.",
}
# Defects of features that do not exist yet. Add their mutants with the features.
NOT_YET = {
    14: "the part about lists: not applicable until there are lists",
    15: "the part about deleted accounts: not applicable until accounts can be deleted for good",
}
# Defects that change no timeline, so the model test cannot detect them; see also Mutant.unseen.
UNSEEN = {
    15: "the use of memory changes no timeline",
    18: "the size of tasks changes no timeline",
    19: "the choice of queues changes no timeline",
}
MUTANTS: list[Mutant] = [*completeness.MUTANTS, *changes.MUTANTS, *work.MUTANTS]
