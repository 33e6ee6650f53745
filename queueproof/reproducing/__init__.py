"""From a recorded failure to steps that anybody can repeat without queueproof.

`steps` reads a failed case's operations out of the history; `langflow_player` and `flowise_player`
play them, in a script of its own that needs httpx alone, with `player_core` at its head;
`generic_player` does so for any queue that a mapping describes, with `queue_symptoms`,
`heard_events` and `tick_server`; `curl` writes them as commands; `report` is the bug report around
them.
"""
