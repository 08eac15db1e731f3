"""Clinical data for experiments: real data sets, and variants made hostile as contract section 2 allows."""
