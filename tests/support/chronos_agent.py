"""An agent of the stand-in for Chronos: runs a job's container as a subprocess of the algorithm's own program.

The image is looked up in a table of programs, the volume is the host's directory itself. A shell, or a job without
a container, is noted and not obeyed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from algoreg import contract
from algoreg.engines.process import VOLUME_VARIABLE
from support.chronos_reader import Launch, ReadJob, launch

NOT_RUN = 125


@dataclass
class Agent:
    """One machine; callable as a runner of ``chronos_server``."""

    programs: Mapping[str, Path]
    """Image -> the Python package that its entrypoint runs."""
    hostname: str = "agent-1"
    launched: list[Launch] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    hold: threading.Event = field(default_factory=threading.Event)
    """Nothing begins to work while it is not set."""

    def __post_init__(self) -> None:
        self.hold.set()

    def __call__(self, job: ReadJob, killed: threading.Event) -> int:
        launched = launch(job, host=self.hostname)
        self.launched.append(launched)
        if not launched.entrypoint or launched.image not in self.programs:
            self.refused.append(f"{job.name}: {launched.image} {launched.command_line}")
            return NOT_RUN
        while not (self.hold.wait(0.02) or killed.is_set()):
            pass
        return self.run(self.programs[launched.image], job, launched, killed)

    def run(self, package: Path, job: ReadJob, launched: Launch, killed: threading.Event) -> int:
        volumes = () if job.container is None else job.container.volumes
        hosts = [one.host_path for one in volumes if one.container_path.rstrip("/") == contract.VOLUME]
        volume = {VOLUME_VARIABLE: str(hosts[0]).rstrip("/")} if hosts else {}
        program = subprocess.Popen(
            [sys.executable, "-m", package.name, *launched.command_line],
            env={
                **launched.environment,
                **volume,
                "PATH": os.defpath,
                "PYTHONPATH": str(package.parent),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        watcher = threading.Thread(target=_killer, args=(program, killed), daemon=True)
        watcher.start()
        output, _ = program.communicate()
        self.logs.append(output)
        code = program.returncode
        return code if code >= 0 else 128 - code


def _killer(program: subprocess.Popen[str], killed: threading.Event) -> None:
    while program.poll() is None:
        if killed.wait(0.02):
            program.kill()
            return
