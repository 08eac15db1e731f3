"""Reads what the archive of an image says about it: its configuration, never its layers; nothing is extracted.

Forms: what ``docker save`` writes, and OCI image layouts, each as a tar file; layouts as a folder, too. Archives
come from anywhere: every size is bounded, every digest is verified, no link is followed.
"""
