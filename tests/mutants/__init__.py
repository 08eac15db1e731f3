"""The corpus of broken twins, and what builds, runs and judges it."""
