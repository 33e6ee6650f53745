"""A queue of the reference is BullMQ's own: the npm package reads and works it, and the reverse."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

QUEUE = "flowise-queue-prediction"
INSTALL_WITHIN_S = 90
WORK = """
const { Worker, Queue } = require('bullmq');
const connection = { host: '127.0.0.1', port: Number(process.argv[2]), maxRetriesPerRequest: null };
const worker = new Worker(process.argv[3], async job => {
  return { text: 'worked by npm: ' + job.data.incomingInput.question };
}, { connection });
worker.on('completed', async job => {
  const queue = new Queue(process.argv[3], { connection });
  const read = await queue.getJob(job.id);
  console.log(JSON.stringify({ id: read.id, state: await read.getState(), data: read.data }));
  await queue.close(); await worker.close(); process.exit(0);
});
"""
ADD = """
const { Queue, QueueEvents } = require('bullmq');
const connection = { host: '127.0.0.1', port: Number(process.argv[2]), maxRetriesPerRequest: null };
(async () => {
  const queue = new Queue(process.argv[3], { connection });
  const events = new QueueEvents(process.argv[3], { connection });
  await events.waitUntilReady();
  const job = await queue.add('from-npm', JSON.parse(process.argv[4]), { jobId: 'npm-1' });
  const result = await job.waitUntilFinished(events, 10000);
  const again = await queue.getJob(job.id);
  console.log(JSON.stringify({ result, state: await again.getState() }));
  await events.close(); await queue.close(); process.exit(0);
})().catch(error => { console.error(error); process.exit(1); });
"""


@pytest.fixture(scope="module")
def node_folder() -> Path:
    """A scratch folder with the npm package, kept between runs."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed")
    folder = Path(tempfile.gettempdir()) / "queueproof-npm-bullmq"
    if not all((folder / "node_modules" / name).is_dir() for name in ("bullmq", "ioredis")):
        folder.mkdir(exist_ok=True)
        command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts"]
        try:
            done = subprocess.run(
                [*command, "bullmq@6", "ioredis@5"],
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=INSTALL_WITHIN_S,
            )
        except subprocess.TimeoutExpired:
            pytest.skip("npm did not install bullmq in time")
        if done.returncode != 0:
            pytest.skip(f"npm cannot install bullmq here: {done.stderr[-200:]}")
    return folder


def start(folder: Path, script: str, *arguments: str) -> subprocess.Popen[str]:
    """A script of ours under node."""
    path = folder / f"{abs(hash(script))}.js"
    path.write_text(script)
    command = ["node", str(path), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_the_npm_package_works_a_job_of_the_main_server(
    deployment: Any, redis_server: Any, node_folder: Path
) -> None:
    """It reads the data, completes the job, and the waiting client is told what became of it."""
    deployment.start_server()
    flow = deployment.flow({})
    port = str(redis_server.port)
    with start(node_folder, WORK, port, QUEUE) as worker:
        answer = deployment.predict(flow, "from the reference")
        said, errors = worker.communicate(timeout=15)
    assert worker.returncode == 0, errors
    read = json.loads(said)
    assert read["state"] == "completed"
    assert read["data"]["incomingInput"]["question"] == "from the reference"
    # A foreign worker writes no row; the main server does it on its behalf.
    assert answer.json()["text"] == "worked by npm: from the reference"
    said_in_chat = deployment.http.get(f"/api/v1/chatmessage/{flow}").json()
    assert said_in_chat[-1]["content"] == "worked by npm: from the reference"


def test_a_worker_of_the_reference_works_a_job_of_the_npm_package(
    deployment: Any, redis_server: Any, node_folder: Path
) -> None:
    """Node's own wait is answered with the result, and its queue says completed."""
    deployment.start_server()
    deployment.start_worker()
    flow = deployment.flow({"pause_ms": 10})
    flow_data = deployment.http.get(f"/api/v1/chatflows/{flow}").json()["flowData"]
    data = {
        "incomingInput": {"question": "from npm"},
        "chatflow": {"id": flow, "flowData": flow_data},
        "chatId": "npm-chat",
    }
    with start(node_folder, ADD, str(redis_server.port), QUEUE, json.dumps(data)) as adder:
        said, errors = adder.communicate(timeout=20)
    assert adder.returncode == 0, errors
    told = json.loads(said)
    assert told["state"] == "completed"
    assert told["result"]["text"] == "tick-0"
    messages = deployment.http.get(f"/api/v1/chatmessage/{flow}").json()
    assert messages[-1]["content"] == "tick-0"
