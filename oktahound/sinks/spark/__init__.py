"""Apache Spark: a graph as DataFrames, and reachability on a cluster (needs ``oktahound[spark]`` and Java).

It reads the files of `oktahound.sinks.arrow.write_parquet` from any file system that Spark can read. The
columns are those of `oktahound.sinks.arrow`. GraphFrames accepts the two DataFrames without changes, because
they have its columns ``id``, ``src`` and ``dst``::

    from oktahound.sinks import spark

    graph = spark.read_graph("s3a://bucket/contoso")
    radius = spark.blast_radius(graph, "0oa1gkh63g214r0Hq0g4")
    radius.nodes.show()
    radius.steps(radius.nodes.where("kind = 'Okta_Organization'")).show(truncate=False)

The results equal those of `oktahound.analysis.blast_radius` and `oktahound.analysis.who_can_reach`. PySpark
is imported at the first call.
"""

from __future__ import annotations

from oktahound.sinks.spark.radius import SparkRadius, blast_radius, who_can_reach
from oktahound.sinks.spark.tables import SparkGraph, read_graph

__all__ = ["SparkGraph", "SparkRadius", "blast_radius", "read_graph", "who_can_reach"]
