"""The run: its directory, its jobs in fresh processes, its iterations. No TensorFlow here."""
