"""The flowise contract: a main server and workers that share a job queue (BullMQ on Redis)."""
