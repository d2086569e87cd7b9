"""A primary with two streaming replicas behind PgBouncer, which are taken away under load.

    script/tool replicas [--short] [--only WORD ...] [--logs DIRECTORY]

The load, the trial of a fault and the table are those of `tools.chaos`. `site` is a Chirp that
reads from replicas, `faults` what happens to them, and `witness` looks all the while whether
readers find what they wrote, and whether what was taken away is gone.
"""
