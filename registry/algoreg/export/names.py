"""The names that Woken makes of an image, and whether the scheduler takes them; says nothing about documents."""

from __future__ import annotations

import re

_CHRONOS_NAME = re.compile(r"[\w.-]+", re.ASCII)
"""What Chronos 3 takes for the name of a job; anything else is refused with status 400."""
_REPLACED = str.maketrans("/.-", "___")


def woken_job_name(image: str, job_id: str) -> str:
    """The name under which Woken submits a job of ``image``.

    The text up to the first ``/`` goes, whatever it is; what follows is cut at its first ``:``.
    """
    after = image[image.find("/") + 1 :]
    return f"{after.partition(':')[0]}_{job_id}".translate(_REPLACED)


def chronos_accepts(name: str) -> bool:
    """Whether Chronos 3 takes ``name`` for a job."""
    return _CHRONOS_NAME.fullmatch(name) is not None


def job_name_survives(image: str) -> bool:
    """Whether Woken can submit jobs of an image that is configured by this text.

    ``repository:tag@sha256:...`` can be, because it is cut before the digest. ``repository@sha256:...`` leaves the
    ``@`` in the name. An image without a slash is cut at its first colon, too: ``knn:1`` becomes ``knn``.
    """
    return image[image.find("/") + 1 :].partition(":")[0] != "" and chronos_accepts(
        woken_job_name(image, "0")
    )


def override_variable(repository: str) -> str:
    """The environment variable that replaces the image of ``repository``, named as Woken names its own.

    A leading digit gets an underscore in front: no shell can set a variable that begins with one.
    """
    name = re.sub("[^A-Z0-9]", "_", repository.rpartition("/")[2].upper())
    return f"{'_' * name[:1].isdigit()}{name}_IMAGE"
