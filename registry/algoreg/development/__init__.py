"""The inner loop: a plugin's folder is watched, and what a change affects is judged again on the process engine.

``watching`` notices, ``changes`` and ``affected`` say what it means, ``rounds`` judges, ``loop`` keeps it going.
"""
