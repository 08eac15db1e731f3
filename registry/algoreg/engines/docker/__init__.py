"""The Docker engine: untrusted images in pods without network, watched, bounded, and cleaned up after."""

from algoreg.engines.docker.engine import DockerEngine, open_docker, reap
from algoreg.engines.docker.leftovers import Reaped

__all__ = ["DockerEngine", "Reaped", "open_docker", "reap"]
