"""The defects of other timelines, and for each of them ways to bring it into this one.

`script/mutants` puts them in, one after another, and sees whether a test fails.
"""

from tools.mutants import changes, completeness, work
from tools.mutants.mutant import Mutant

DEFECTS = {
    1: "Ids lose digits as scores, so that some are the same and cursors skip.",
    2: "A cached timeline has a gap that nothing will ever close.",
    3: "A push to a cold timeline makes one that seems warm and holds one entry.",
    4: "A merged page shows what lies deeper than one of its sources reaches.",
    5: "A page whose entries were all filtered is taken for the end.",
    6: "What is older than the cached window is skipped, repeated, or never shown.",
    7: "An author who becomes a celebrity, or stops being one, leaves a hole or a repeat.",
    8: "What is delivered late brings back the deleted and the unfollowed.",
    9: "Unfollowing takes away what authors who are still followed reposted.",
    10: "An undone repost takes the original, or another repost of it, away as well.",
    11: "A block, a mute or a private account hides too little, too late, or for ever.",
    12: "An edit moves a tweet, loses it, or notifies again.",
    13: "A cold timeline is built by all of its readers, or waited for.",
    14: "After Redis was emptied timelines stay away, or old ones come back.",
    15: "People who left, or who never read, still take up memory.",
    16: "A timeline is trimmed to the wrong length, or not by every write.",
    17: "Work starts before the commit, or is lost with the broker or the worker.",
    18: "Long tasks are delivered again while they run, and run twice.",
    19: "Fan-outs wait behind an import.",
}
# Defects of features that do not exist yet. Their mutants come with the features.
NOT_YET = {
    14: "the part about lists: not applicable until there are lists",
    15: "the part about deleted accounts: not applicable until accounts can be deleted for good",
}
# Defects that change no timeline: other tests look for them. Single mutants say so themselves.
UNSEEN = {
    15: "what takes up memory changes no timeline",
    18: "how work is cut changes no timeline",
    19: "how work is shared changes no timeline",
}
MUTANTS: list[Mutant] = [*completeness.MUTANTS, *changes.MUTANTS, *work.MUTANTS]
