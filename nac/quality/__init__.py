"""What a trained network answers for each image: the file, and what it tells. Only NumPy."""
