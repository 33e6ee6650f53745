"""Celery behind Flower's HTTP API, which tells states alone: judged by `mapping.toml`."""
