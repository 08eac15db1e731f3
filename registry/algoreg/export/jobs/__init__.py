"""One run of an image as a scheduler is told it: a description, and one file per scheduler that writes it down."""
