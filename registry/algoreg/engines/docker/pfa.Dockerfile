# algoreg/pfa:1, where `validate` evaluates PFA documents that nobody here wrote: Titus and what it needs.
# Built from this one file by scripts/engine_pfa.sh, or by `validate` itself when a document is there to evaluate.
# The program that runs in it comes with each question, so that it is always the caller's own.
ARG BASE=python:3.12-slim-bookworm
FROM ${BASE}

# Titus needs NumPy before 2. The root file system is read-only at run time: what is not compiled here would be
# compiled at each start.
RUN python3 -m venv /opt/pfa \
 && cd /opt/pfa \
 && bin/pip install --disable-pip-version-check --no-cache-dir --no-compile \
      titus2==1.2.0 avro-python3==1.10.2 numpy==1.26.4 ply==3.11 pytz==2026.6 PyYAML==6.0.3 \
 && site=$(bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') \
 && find "$site" -type d -name tests -prune -exec rm -rf {} + \
 && bin/python -m compileall -q -j 0 "$site"

# One thread: every further one counts against the process limit.
ENV OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1 PYTHONHASHSEED=0
USER 10002:10002
WORKDIR /opt/pfa
ENTRYPOINT ["/opt/pfa/bin/python", "-I"]
