"""Report to text, one module per format. A format sees a Report and nothing else; printing is the CLI's work."""
