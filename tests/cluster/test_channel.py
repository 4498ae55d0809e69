import socket

import pytest

from nac.cluster.channel import LONGEST, Channel, Lost


@pytest.fixture
def ends():
    """Both ends of a TCP connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        near = socket.create_connection(server.getsockname())
        far, _ = server.accept()
    with near, far:
        yield near, far


def test_messages_arrive_as_they_were_sent(ends):
    near, far = map(Channel, ends)
    near.send("job", number=3, path="/runs/é")
    near.send("end")
    received = [far.receive() for _ in range(2)]
    assert received == [{"kind": "job", "number": 3, "path": "/runs/é"}, {"kind": "end"}]


def test_what_was_sent_before_the_end_is_read(ends):
    near, far = map(Channel, ends)
    near.send("end", reason="x")
    near.close()
    assert far.receive() == {"kind": "end", "reason": "x"}
    with pytest.raises(Lost):
        far.receive()


def test_nobody_receives_what_is_sent_to_a_process_that_has_ended(ends):
    near, far = map(Channel, ends)
    far.close()

    def send_often():
        for _ in range(100):  # the system notices with the second one
            near.send("job")

    with pytest.raises(Lost):
        send_often()


@pytest.mark.parametrize(
    "line", [b"GET / HTTP/1.1\n", b"[]\n", b"{}\n", b"\xff\n", b"[" * 10**5, b"x" * (LONGEST + 1)]
)
def test_what_is_no_message_counts_as_the_end(ends, line):
    near, far = ends
    near.sendall(line)
    near.close()
    with pytest.raises(Lost):
        Channel(far).receive()


def test_a_machine_without_power_is_noticed_within_half_a_minute(ends):
    near, _ = ends
    Channel(near)
    idle, interval, count = (
        near.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
        for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT")
    )
    assert near.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert idle + interval * count <= 30
