"""Schedulers that jobs are submitted to: what speaks to each, and how a job is followed to its end.

What a job's document says is decided in ``export.jobs``.
"""
