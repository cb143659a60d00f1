"""The message broker's program files: fetched once at set-up, never run unless they are exactly those we know."""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.process import EngineFailed

KAFKA = (
    "org.apache.kafka:kafka_2.13:4.3.1",
    "org.apache.kafka:kafka-tools:4.3.1",
    # The one log binding that drags no older kafka-clients in with it.
    "org.slf4j:slf4j-simple:1.7.36",
)
SUMS = Path(__file__).with_name("kafka-jars.sha256")
FOLDER = Path(sys.prefix) / "share" / "kith" / "kafka"


class UnknownJar(EngineFailed):
    """A jar is missing, or its content is not what was committed."""


@dataclass(frozen=True, slots=True)
class Jar:
    """One jar by its Maven coordinate (`group:artifact:version`) and SHA-256 in hex."""

    coordinate: str
    sha256: str

    @property
    def path(self) -> Path:
        _, artifact, version = self.coordinate.split(":")
        return FOLDER / f"{artifact}-{version}.jar"


def known() -> list[Jar]:
    """The committed list: every jar of the class path, so that nothing is resolved anew on a user's machine."""
    lines = (line.split() for line in SUMS.read_text().splitlines())
    return [Jar(coordinate, digest) for digest, coordinate in lines]


def classpath() -> str:
    """The class path of checked jars; refuses if one is missing, changed or not ours."""
    jars = known()
    for jar in jars:
        if not jar.path.is_file():
            raise UnknownJar(f"{jar.coordinate} is not here: run `make setup`")
    check((jar.path, jar.sha256) for jar in jars)
    # Named one by one: a stray file in the folder is never on the class path.
    return os.pathsep.join(str(jar.path) for jar in jars)


def check(files: Iterable[tuple[Path, str]]) -> None:
    """Compare each file with its sum."""
    for path, expected in files:
        if digest(path) != expected:
            raise UnknownJar(f"{path.name} is not the file we know (its SHA-256 differs)")


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch(progress: Callable[[str], None]) -> None:
    """Bring in what is missing; each jar is checked before it gets its name in our folder."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    missing = [jar for jar in known() if not jar.path.is_file() or digest(jar.path) != jar.sha256]
    with ThreadPoolExecutor(4) as pool:
        for done, _ in enumerate(pool.map(place, missing), start=1):
            if done % 20 == 0 or done == len(missing):
                progress(f"Apache Kafka: {done} of {len(missing)} jars")


def place(jar: Jar) -> None:
    """Copy one jar out of the Maven cache: jgo's own links would change when that cache does."""
    # Imported here: an ordinary start finds its jars in place and does not need the resolver.
    from jgo.config import GlobalSettings
    from jgo.constants import MAVEN_CENTRAL_URL
    from jgo.maven import MavenContext

    context = MavenContext(repo_cache=GlobalSettings.load().repo_cache, remote_repos={"central": MAVEN_CENTRAL_URL})
    group, artifact, version = jar.coordinate.split(":")
    cached = context.project(group, artifact).at_version(version).artifact().resolve()
    half = jar.path.with_suffix(f".{os.getpid()}.part")
    shutil.copyfile(cached, half)
    check([(half, jar.sha256)])
    half.replace(jar.path)


def resolved() -> Iterator[Jar]:
    """What the three names of `KAFKA` need today, from the network: for moving to another version only."""
    import jgo

    for artifact in jgo.resolve("+".join(KAFKA)):
        name = f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}"
        yield Jar(name, digest(artifact.resolve()))


def main() -> None:
    parser = argparse.ArgumentParser(description="Fetch Apache Kafka's jars and check them.")
    parser.add_argument("--pin", action="store_true", help="write the list of jars and sums anew")
    if parser.parse_args().pin:
        lines = sorted(f"{jar.sha256}  {jar.coordinate}\n" for jar in resolved())
        SUMS.write_text("".join(sorted(lines, key=lambda line: line.split()[1])))
    fetch(lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
