"""Data set name -> images, and images -> batches. The table of data sets is in datasets.py."""
