"""Where Python keeps the frames of functions that are being called.

CPython 3.11 keeps them in pieces of 16 KB. A call that does not fit into the last piece asks the
kernel for another, and gives it back when it returns (`push_chunk` and `_PyThreadState_PopFrame` in
Python/pystate.c). A loop just below such a border does so in each round: such a call takes 8
microseconds instead of 0.05, and a post made 58 of them. Which views meet a border depends on how
deep in the stack a line happens to be.
"""

from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")
# In words of 8 bytes. A piece is the smallest power of two that a frame fits into, so half of this
# one, 512 KB, is left for the frames of what is called.
FRAME = 2**16 + 1


def in_one_piece(work: Callable[[], Result]) -> Result:
    """Call `work` so that the frames of all that it calls are in one large piece of memory.

    Call it near the start of a thread that works for as long as its process. Memory that no frame
    has reached takes no room.
    """
    return work()


# The frame of a function is as large as its code says that it needs. Nothing is ever put there.
in_one_piece.__code__ = in_one_piece.__code__.replace(co_stacksize=FRAME)
