"""HAProxy in front of several web servers, which are killed, frozen and restarted under load.

    script/tool balancer [--short] [--only WORD ...] [--logs DIRECTORY]

The load, the trial of a fault and the table are those of `tools.chaos`. `site` is a Chirp with
several web servers and processes with streams behind `deploy/haproxy.cfg`, `faults` what happens to
them, and `streams` looks at what passes through.
"""
