"""RabbitMQ and Valkey on several nodes, of which some are killed, frozen and changed under load.

    script/tool clusters [--short] [--only WORD ...] [--logs DIRECTORY]

The load, the trial of a fault and the table are those of `tools.chaos`. `site` is a Chirp whose
broker is a cluster of three nodes with quorum queues, and whose timelines are in a cluster of six;
`faults` is what happens to them.
"""
