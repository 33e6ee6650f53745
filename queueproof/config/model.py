"""The configuration of a run, after every source has been read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from queueproof.config.mapping import JobMapping
from queueproof.config.promises import Promises
from queueproof.config.transport import Transport
from queueproof.redaction import known_secrets

#: What a target is held to where nothing says otherwise.
DEFAULT_CONTRACT = "langflow"


@dataclass(frozen=True, kw_only=True)
class Timings:
    """What the target declares about itself, in seconds; deadlines derive from these.

    The first five are settings of the deployment and default to the document's defaults
    (`Langflow 1.10, "Deploy Langflow with multiple workers"`, Configuration reference). The
    others are bounds on behaviour that no document states; their defaults are generous.

    startup_grace_s       a reader waits this long for the producer's first write
    stream_ttl_s          life of a job's stream and ownership keys
    cancel_marker_ttl_s   life of a cancel marker
    stale_threshold_s     silence of a polling client before its build is reclaimed; 0 disables
    watchdog_interval_s   pause between two looks of the watchdog
    answer_s              any request but a held poll is answered within this
    poll_hold_s           a poll with nothing to tell is answered within this
    cancel_effect_s       from a cancel's answer to the work being stopped
    owner_death_s         from an owner's death to its readers being told
    outage_answer_s       any request is answered within this while Redis hangs
    recovery_s            from the end of an outage to full service
    """

    startup_grace_s: float = 30.0
    stream_ttl_s: float = 3600.0
    cancel_marker_ttl_s: float = 60.0
    stale_threshold_s: float = 90.0
    watchdog_interval_s: float = 15.0
    answer_s: float = 5.0
    poll_hold_s: float = 30.0
    cancel_effect_s: float = 3.0
    owner_death_s: float = 15.0
    outage_answer_s: float = 10.0
    recovery_s: float = 35.0

    def as_dict(self) -> dict[str, float]:
        """Every timing by name."""
        return {item.name: getattr(self, item.name) for item in fields(self)}


@dataclass(frozen=True, kw_only=True, repr=False)
class Credentials:
    """Secrets, from the environment only; never printed (hence no repr)."""

    token: str = ""
    admin_token: str = ""
    username: str = ""
    password: str = ""
    other_username: str = ""
    other_password: str = ""
    other_token: str = ""
    api_key: str = ""
    admin_api_key: str = ""
    other_api_key: str = ""

    def __post_init__(self) -> None:
        """Whoever holds credentials has made them known to every writer."""
        known_secrets.learn(*self.secrets)

    def __repr__(self) -> str:
        return "Credentials(…)"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Values that must not appear in anything written."""
        values = (
            self.token,
            self.admin_token,
            self.password,
            self.other_password,
            self.other_token,
            self.api_key,
            self.admin_api_key,
            self.other_api_key,
        )
        return tuple(value for value in values if value)


@dataclass(frozen=True)
class ForkServing:
    """A quicker way to the same program: a fork of one that has imported what it needs.

    server       argument list that starts it, but for the number of its listening socket
    instead_of   how the command of a program begins that it forks
    python_path  PYTHONPATH of the server, and of whatever it forks; others start plainly
    """

    server: tuple[str, ...]
    instead_of: tuple[str, ...]
    python_path: str


@dataclass(frozen=True, kw_only=True)
class LaunchConfig:
    """How to start a whole target with chosen settings.

    command         argument list; `{port}`, `{data}` and `{redis_port}` are replaced, and
                    `{own_redis_port}`: a second Redis, which no outage touches
    environment     settings every start gets, below those a case chooses; filled in likewise
    ready           when the program is ready: a path that is answered with 200, a text that it
                    prints, or `port` (it listens); empty for the contract's own path
    worker_command  argument list of one worker, where workers are programs of their own;
                    `{worker_port}` is replaced too
    worker_ready    the same of such a worker; empty: as soon as it runs
    supervised      whether a worker that exits by itself is started again
    data_template   folder copied to `{data}` before each start, such as a migrated database
    data_parent     folder in which `{data}` is made; else where temporary files are
    boot_s          how long a start may take
    lanes           how many launched targets may serve disturbing cases side by side
    later_lanes     how many once no other cases run; 0: no more. The embedded references alone
    at_once         how many starts may be under way at once
    for_cases       whether cases may start targets of their own; else only the run's own is
    other_queue     settings that make of the same programs another queue on the same Redis
    sentinel_environment   settings with which they ask Sentinels for their Redis: `{sentinels}` is
                    host:port,host:port,… and `{sentinel_service}` what these call the master
    forks           how to start the same programs sooner; the embedded references alone
    """

    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    ready: str = ""
    worker_command: tuple[str, ...] = ()
    worker_ready: str = "/healthz"
    supervised: bool = False
    data_template: str = ""
    data_parent: str = ""
    boot_s: float = 30.0
    lanes: int = 5
    later_lanes: int = 0
    at_once: int = 3
    for_cases: bool = True
    other_queue: dict[str, str] = field(default_factory=dict)
    sentinel_environment: dict[str, str] = field(default_factory=dict)
    forks: ForkServing | None = None


@dataclass(frozen=True, kw_only=True)
class ReplicaConfig:
    """One replica, or one worker program, of a deployment that chaos runs may disturb.

    url            where it serves; of a worker program, where its health answers, if it does
    proxy          name of the Toxiproxy proxy between it and Redis
    process_root   its master process on this machine; or
    pid_command    a command that prints that process id
    kill, stop, start   commands that end it at once, end it gracefully, and bring it up again
    freeze, thaw   commands that have it stand still, and go on
    logs           a command that prints the end of its log
    clock_file     the file from which it reads its clock's offset (libfaketime's format)
    name           how reports call it, where an executor's table names it
    instance       which of the executor's it is: a container, a pod, a row of its table
    """

    url: str
    name: str = ""
    instance: str = ""
    proxy: str = ""
    process_root: int | None = None
    pid_command: tuple[str, ...] = ()
    kill: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()
    start: tuple[str, ...] = ()
    freeze: tuple[str, ...] = ()
    thaw: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()
    clock_file: str = ""


@dataclass(frozen=True, kw_only=True)
class ExecutorConfig:
    """Who starts and ends the programs that do a deployment's work.

    kind        `commands`, `docker` or `kubernetes`
    workers     of `commands`: a row for each program
    scale, roll      of `commands`: `{number}` of programs from now on; restart them one by one
    containers  of `docker`: their names; or
    service, project   a Compose service, in a project where several have it; or
    label       a label that they have, `name` or `name=value`
    namespace, context, selector   of `kubernetes`: which pods
    workload    what scale and rolling restart go to, such as `deployment/queue`
    container   the pods' container in which commands run
    kubectl     how kubectl is called
    kill, freeze, thaw    of `kubernetes`: commands to run inside the pod instead of what is usual
    stop_s      how long a graceful stop may take before the engine kills; 0: the engine's own
    """

    kind: str
    workers: tuple[ReplicaConfig, ...] = ()
    scale: tuple[str, ...] = ()
    roll: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    service: str = ""
    project: str = ""
    label: str = ""
    namespace: str = ""
    context: str = ""
    selector: str = ""
    workload: str = ""
    container: str = ""
    kubectl: tuple[str, ...] = ("kubectl",)
    kill: tuple[str, ...] = ()
    freeze: tuple[str, ...] = ()
    thaw: tuple[str, ...] = ()
    stop_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class ChaosConfig:
    """What chaos runs may use of a deployment.

    toxiproxy      URL of the API of the Toxiproxy server that holds the replicas' proxies
    redis_pid      the Redis server's process on this machine, to freeze it
    redis_stop, redis_start   commands that stop Redis and bring it up again
    redis_servers  the servers behind its Sentinels, each by the address that these tell
    replicas       replicas that may be disturbed, each by a row of its own
    workers        worker programs, where these stand beside the server
    """

    toxiproxy: str = ""
    redis_pid: int | None = None
    redis_stop: tuple[str, ...] = ()
    redis_start: tuple[str, ...] = ()
    redis_servers: tuple[ReplicaConfig, ...] = ()
    replicas: tuple[ReplicaConfig, ...] = ()
    workers: tuple[ReplicaConfig, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TargetConfig:
    """One deployment and what the harness may do to it.

    contract          what it is held to
    urls              its base URLs: one, or one a replica
    workers           how many workers it has; the search ends when so many are found
    worker_header     a response header that names the worker, if any does
    redis_url         the queue's Redis; with Sentinels `redis+sentinel://host,host/SERVICE/1`, of a
                      Cluster `redis+cluster://host,host`
    redis_ours        we have started that Redis for this target alone: nobody else's keys are in it
    process_root      its master process on this machine
    worker_processes  workers that are programs of their own: their process ids
    worker_urls       the URLs of their health checks, in the same order
    worker_slots      how many jobs one worker program runs at the same time
    disposable        it may be disturbed: faults, flushes, kills
    witness_host      where queueproof's witness listens, and probe jobs reach it
    witness_port      its port; 0: any that is free
    witness_announce  where probe jobs reach it, if that is elsewhere: a host, or `host:port`
    witness_through   how jobs report to it: `http`, or `redis`, through their queue's Redis, where
                      they cannot reach it; `result`: not at all, their results alone tell
    cases_at_once     how many cases are at work side by side, besides as many that mostly wait: a
                      busy target answers late, which a case cannot tell from one that is wrong
    requests_per_s    how many requests a second it takes, where something limits them
    at_least_once     it promises to run a job at least once, so again if its worker was lost
    prometheus        its Prometheus, for the steady states that outages may state
    prometheus_headers  what that wants of every query, by name, such as its login
    transport         the way in: headers of a front, a certificate authority, an HTTP proxy
    promises          those of a target that a mapping describes; None: its document promises
    file              the target file that all this was read from, if any
    """

    contract: str = DEFAULT_CONTRACT
    urls: tuple[str, ...] = ()
    workers: int | None = None
    worker_header: str = ""
    redis_url: str = ""
    redis_ours: bool = False
    process_root: int | None = None
    worker_processes: tuple[int, ...] = ()
    worker_urls: tuple[str, ...] = ()
    worker_slots: int = 1
    disposable: bool = False
    witness_host: str = "127.0.0.1"
    witness_port: int = 0
    witness_announce: str = ""
    witness_through: str = "http"
    cases_at_once: int = 4
    requests_per_s: float | None = None
    at_least_once: bool = False
    prometheus: str = ""
    prometheus_headers: Mapping[str, str] = field(default_factory=dict)
    transport: Transport = field(default_factory=Transport)
    timings: Timings = field(default_factory=Timings)
    credentials: Credentials = field(default_factory=Credentials)
    launch: LaunchConfig | None = None
    chaos: ChaosConfig | None = None
    executor: ExecutorConfig | None = None
    mapping: JobMapping | None = None
    promises: Promises | None = None
    file: str = ""

    @property
    def paced_cases(self) -> int:
        """How many cases may be at work side by side.

        Where requests are paced, few enough that the polls and looks of one case still come when
        they are due: a case makes about five a second.
        """
        if self.requests_per_s is None:
            return self.cases_at_once
        return max(1, min(self.cases_at_once, round(self.requests_per_s / 5)))


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """One invocation of the gate. `settings` are given to every target that is launched.

    `stack` says where Redis and Toxiproxy come from: `local` programs or `containers`. `lab` names
    the real system that the lab started for this run, such as `langflow==1.13.0`. `again` are the
    arguments that described all this but the selection and the seed, for commands that reproduce.
    `only` and `without` are IDs and areas; `shard` is which of how many parts of the cases, from 1.
    """

    target: TargetConfig
    embedded: bool
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    shard: tuple[int, int] | None = None
    stop_at_first: bool = False
    strict: bool = False
    seed: int = 0
    out: Path = Path("reports/out")
    patience_s: float = 60.0
    redis_binary: str = ""
    stack: str = "local"
    baseline: Path | None = None
    settings: dict[str, str] = field(default_factory=dict)
    lab: str = ""
    again: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """Where the target is, in the report's words; never with credentials."""
        if self.lab:
            return (f"{self.lab}, started by the lab",)
        return self.target.urls or (("embedded reference",) if self.embedded else ())
