"""Operations run as soon as they can, and buffers live until their last use."""

from hypothesis import given
from hypothesis import strategies as st

from nac.training.dataflow import Operation, execution_order, peak_bytes


def operation(*after, reads=(), **makes):
    return Operation(frozenset(after), makes, frozenset(reads))


def test_an_operation_runs_as_soon_as_what_it_waits_for_has_run():
    # 3 waits for 0 alone, so it runs before 2, which waits for 1.
    graph = [operation(), operation(0), operation(1), operation(0)]
    assert execution_order(graph) == [0, 1, 3, 2]


def test_an_operation_waits_for_all_others_that_it_needs():
    assert execution_order([operation(1, 2), operation(2), operation()]) == [2, 1, 0]


def test_a_buffer_is_freed_after_its_last_use():
    # a and b: 30 bytes. Then a is free, and b and c are 25.
    graph = [operation(a=10), operation(0, reads="a", b=20), operation(1, reads="b", c=5)]
    assert peak_bytes(graph) == 30


def test_a_buffer_is_kept_for_a_later_use():
    # a is there until d has been computed from it: 10 + 5 + 7 bytes.
    chain = [operation(a=10), operation(0, reads="a", b=1), operation(1, reads="b", c=5)]
    assert peak_bytes([*chain, operation(2, reads="ac", d=7)]) == 22


def test_a_buffer_that_nothing_reads_is_freed_at_once():
    assert peak_bytes([operation(a=10, unused=90), operation(0, reads="a", b=20)]) == 100


def test_an_early_result_waits_for_its_late_use():
    # "early" needs only a, so it is there while the chain b, c, d is computed.
    graph = [
        operation(a=1),
        operation(0, reads="a", b=10),
        operation(1, reads="b", c=10),
        operation(2, reads="c", d=10),
        operation(0, reads="a", early=100),
        operation(3, 4, reads=["d", "early"], sum=1),
    ]
    assert peak_bytes(graph) == 10 + 10 + 100  # b, c and early, or c, d and early


def test_small_buffers_can_be_left_out():
    assert peak_bytes([operation(a=10, b=9)], smallest=10) == 10


def test_what_is_needed_inside_an_operation_is_free_afterwards():
    inside = Operation(frozenset({0}), {"b": 1}, frozenset("a"), inside=100)
    later = operation(1, reads="ab", c=50)
    assert peak_bytes([operation(a=10), inside, later]) == 10 + 1 + 100


def test_a_graph_without_operations_needs_nothing():
    assert peak_bytes([]) == 0


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 3)), max_size=20))
def test_the_peak_is_between_the_largest_buffer_and_the_sum_of_all(chain):
    graph = []
    for number, (size, distance) in enumerate(chain):
        earlier = range(max(0, number - distance), number)
        graph.append(operation(*earlier, reads=[f"b{n}" for n in earlier], **{f"b{number}": size}))
    sizes = [size for size, _ in chain]
    assert max(sizes, default=0) <= peak_bytes(graph) <= sum(sizes)
