import socket

from nac.cluster import ports
from nac.cluster.ports import free_port


def test_a_free_port_can_be_used():
    with socket.create_server(("", free_port())):
        pass


def test_a_port_that_is_used_is_not_free(monkeypatch):
    with socket.create_server(("", 0)) as server:
        used = server.getsockname()[1]
        tried = iter([used, used, free_port()])

        class Random:
            def randrange(self, first, last):
                return next(tried)

        monkeypatch.setattr(ports.random, "SystemRandom", Random)
        assert free_port() != used


def test_it_is_none_that_the_system_gives_to_others():
    assert ports.FIRST <= free_port() < ports.LAST <= 32_768
