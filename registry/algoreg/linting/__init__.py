"""Judges what can be judged without running anything: images, archives, Dockerfiles and plugins' folders.

What an image must keep is ``checks``' business, and is asked there. Here is what is wrong with its recipe, and
where: rules of their own, which no validation knows.
"""
