"""The first draft of a plugin: a folder that builds and passes as it stands, for an author to go on with."""
