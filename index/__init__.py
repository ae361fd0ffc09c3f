"""Articles in, searchable passages out: loading, chunking, embedding, storing and searching."""

from index import telemetry

telemetry.switch_off()
