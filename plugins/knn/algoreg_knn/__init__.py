"""k-nearest neighbours, packaged for algoreg."""
