"""What TensorBoard shows of a job, written and read back."""
