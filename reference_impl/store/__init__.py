"""What the rules need kept, in memory or in Redis, behind one protocol (``base``).

Theory. A job is run by one worker, its owner, and read through any. Whatever must be decided once
is one step here: one method of the protocol, one script in Redis (``lua/``). Between two steps
another worker may have done anything, so no step relies on what an earlier one has read.

**Keys.** All of a job's keys contain its ID (``redis_keys`` has the table): its record, its events,
its polling cursor, its heartbeat, its cancel marker. Each expires by itself, so that a fleet that
dies as a whole leaves nothing for ever; while the job runs, its owner's keeper renews them.

**States.** A record is ``starting``, then ``running``, then ended, once: the table is
``core.states``, and a final state refuses every signal. The end and the last events are written in
one step, so that no reader sees a job that is over and lacks its end.

**Leases.** Each worker has one, renewed by a thread of its own (``keeper``): a component may block
the loop, and the process lives all the same. All times are Redis's, so that no clock of a worker's
matters. A worker whose lease is over is dead, unless no worker could renew: the pulse says when
any lease was last renewed, and while it stands still silence is Redis's fault and nobody dies of
it; the first renewal after such a gap forgives everybody (``core.rules.LeaseRule``).

**Fences.** A reservation makes a token that only its owner knows. Every write of the owner's
carries it: a worker that was frozen until another had ended its job is told ``fenced`` and stops.

**Exactly once.** Events are numbered, and an append says where it begins. What is there already is
skipped, so an append without an acknowledgement is simply repeated. One that would leave a gap is
``torn``: data were lost, and the job ends by saying so.

**Cursors.** All pollers of a job share one. A take moves it past everything written and stays open
under the poller's token until it is settled: confirmed when the answer was sent, given back when it
reached nobody. Others get ``CursorBusy`` meanwhile. The same token gets the same events again; what
nobody settled in time belonged to a worker that died, and is taken anew. Streams have positions of
their own and move nothing.

Who may write what:

============= ======================================================================================
record        its owner, with the fence; without one, anybody once the owner is dead (``lose``)
events        its owner alone
cursor        any worker that polls, with its token
heartbeat     any worker that a client of the job speaks to (``touch``), and the submit
cancel marker any worker that was asked to cancel; only the owner acts on it
lease         its own worker, and the renewal that forgives everybody
============= ======================================================================================
"""
