"""Decode bytes into records: SSE and NDJSON. Pure, incremental, bounded."""
