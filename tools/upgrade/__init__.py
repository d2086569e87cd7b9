"""An older version on the tables of this one, as in a rolling upgrade.

    script/tool upgrade COMMIT [--logs DIRECTORY]

Starts the version of a commit of this repository with servers of its own, runs the migrations of
this checkout under it, and then replaces its web server and its workers, one after the other.
`schema` compares the tables before and after with what the old version uses, `site` has the
processes of both versions, and `tour` is what people do in each step.

The old version runs with the packages that are installed here. It has to know the endpoints that
`tour` calls; the first step shows whether it does, because there is nothing new in it yet.
"""
