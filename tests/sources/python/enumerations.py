import enum
import json as encoding
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from json import dumps as written
from typing import Literal


class Status(str, Enum):
    QUEUED = "queued"
    RUNNING = "running"


class Kind(StrEnum):
    PULL_IMAGE = auto()
    CRASH = "crash"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = auto()


class Colour(Enum):
    RED = "red"


class Made(str, Enum):
    ONE = "one"
    TWO = build()


Mode = Literal["a", "b"]


@dataclass
class Job:
    status: Status
    kind: Kind | None
    level: Level
    colour: Colour
    made: Made
    mode: Mode
    lines: list[str]


def put(connection, job: Job, text: str):
    from .texts import encoded as lines_of

    connection.execute(
        "INSERT INTO jobs (status, kind, level, colour, made, mode, lines, hint, text) VALUES"
        " (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            job.status,
            job.kind.value,
            job.level,
            job.colour,
            job.made,
            job.mode,
            written(job.lines),
            encoding.dumps(job.lines),
            lines_of(job.lines),
        ),
    )
    connection.execute(
        "UPDATE jobs SET status = %s, kind = %s, colour = %s, name = %s, value = %s, level = %s, made = %s",
        (
            Status(text),
            Kind.PULL_IMAGE,
            Colour.RED,
            Colour.RED.name,
            job.colour.value,
            Level.HIGH,
            str(job.status),
        ),
    )
