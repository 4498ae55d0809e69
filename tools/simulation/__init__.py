"""Simulates the queue of jobs of nac on machines that fail: how much of their time is of use."""
