"""Drafts a plugin from an algorithm's folder in the older form: a Dockerfile, captain.yml, tests over Compose.

Everything is found by reading; nothing of the folder is run, and what a draft does not know it says.
"""
