"""A module that stands for Ray: its cluster is a list of machines, its actors are objects here."""

from collections import deque
from types import SimpleNamespace


class RayActorError(Exception):
    def __init__(self, text="", actor_init_failed=False):
        super().__init__(text)
        self.actor_init_failed = actor_init_failed


class FakeRay:
    """Stands for the module ``ray``.

    Args:
        *machines: What each machine has, such as ``{"CPU": 4}``.
        messages: What an actor says; an exception is raised.
    """

    exceptions = SimpleNamespace(RayActorError=RayActorError)

    def __init__(self, *machines, messages=()):
        self.machines, self.said = list(machines), deque(messages)
        self.calls, self.killed, self.options = [], [], []

    def nodes(self):
        return [{"Alive": True, "Resources": machine} for machine in self.machines]

    def remote(self, _):
        return Method(self, "actor", self)

    def wait(self, streams, timeout):
        return (streams, []) if self.said else ([], streams)

    def get(self, message):
        if isinstance(message, Exception):
            raise message
        return message

    def kill(self, actor):
        self.killed.append(actor)

    def __getattr__(self, name):  # a method of the actor
        return Method(self, name, self)

    def __next__(self):
        if not self.said:
            raise StopIteration
        return self.said.popleft()


class Method:
    """What is called by ``remote``."""

    def __init__(self, ray, name, result):
        self.ray, self.name, self.result = ray, name, result

    def options(self, **options):
        self.ray.options.append((self.name, options))
        return self

    def remote(self, *arguments):
        self.ray.calls.append((self.name, arguments))
        return self.result
