import pytest

from nac.runs import devices
from nac.runs.devices import cpu_name, device_names, visible_gpus, worker_environments
from tests.builders import assert_says, input_error

LISTING = """GPU 0: Tesla V100-SXM2-16GB (UUID: GPU-1)
GPU 1: Tesla V100-SXM2-16GB (UUID: GPU-2)
  MIG 1g.5gb Device 0: (UUID: MIG-1)
"""


@pytest.mark.parametrize(
    ("value", "expected"),
    [("0,2", ["0", "2"]), ("GPU-1", ["GPU-1"]), ("", []), ("-1", []), ("1,-1,2", ["1"])],
)
def test_a_set_list_of_gpus_counts(value, expected):
    assert visible_gpus({"CUDA_VISIBLE_DEVICES": value}) == expected


def test_else_the_driver_is_asked(monkeypatch):
    monkeypatch.setattr(devices, "_nvidia_smi", lambda: LISTING)
    assert visible_gpus({}) == ["0", "1"]


def test_without_a_driver_there_is_no_gpu(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert visible_gpus({}) == []


def test_each_worker_has_a_gpu():
    expected = [{"CUDA_VISIBLE_DEVICES": "4"}, {"CUDA_VISIBLE_DEVICES": "7"}]
    assert worker_environments(None, ["4", "7"], 16, {}) == expected
    assert worker_environments(1, ["4", "7"], 16, {}) == expected[:1]


def test_more_workers_than_gpus_are_refused():
    text = input_error(worker_environments, 3, ["0", "1"], 16)
    assert_says(text, "--parallel: expected at most 2", "received 3")


def test_more_workers_than_any_machine_has_use_for_are_refused():
    text = input_error(worker_environments, 10**11, [], 16)
    assert_says(text, "--parallel: expected at most 1024", "received 100000000000")


def test_one_worker_without_gpus_is_left_alone():
    assert worker_environments(None, [], 8, {}) == [{}]


@pytest.mark.parametrize(("cores", "share"), [(8, "4"), (3, "1"), (1, "1")])
def test_workers_without_gpus_share_the_cores(cores, share):
    both = {"TF_NUM_INTRAOP_THREADS": share, "TF_NUM_INTEROP_THREADS": share}
    assert worker_environments(2, [], cores, {}) == [both, both]


def test_numbers_of_threads_that_are_set_stay():
    found = worker_environments(2, [], 8, {"TF_NUM_INTRAOP_THREADS": "3"})
    assert found == [{"TF_NUM_INTEROP_THREADS": "4"}] * 2


@pytest.mark.parametrize(
    ("visible", "names"),
    [
        ("0,1", ["Tesla V100-SXM2-16GB", "NVIDIA A100"]),
        ("1", ["NVIDIA A100"]),
        ("GPU-2", ["NVIDIA A100"]),  # the beginning of an identifier
        ("MIG-7", ["GPU MIG-7"]),  # which the listing does not have
    ],
)
def test_gpus_are_named_as_the_driver_names_them(monkeypatch, visible, names):
    listing = "GPU 0: Tesla V100-SXM2-16GB (UUID: GPU-1a)\nGPU 1: NVIDIA A100 (UUID: GPU-2b)\n"
    monkeypatch.setattr(devices, "_nvidia_smi", lambda: listing)
    assert device_names({"CUDA_VISIBLE_DEVICES": visible}) == names


@pytest.mark.parametrize(
    ("listing", "size"), [("16160\n81559\n", 16160 * 2**20), ("", None), ("[N/A]\n", None)]
)
def test_the_smallest_gpu_limits_the_memory(monkeypatch, listing, size):
    monkeypatch.setattr(devices, "_nvidia_smi", lambda *arguments: listing)
    assert devices.gpu_memory_bytes() == size


def test_without_gpus_the_device_is_the_cpu():
    assert device_names({"CUDA_VISIBLE_DEVICES": ""}) == [cpu_name()]


def test_linux_names_the_cpu(tmp_path):
    listing = tmp_path / "cpuinfo"
    listing.write_text("processor\t: 0\nmodel name\t: AMD EPYC 7B13 \nprocessor\t: 1\n")
    assert cpu_name(listing) == "AMD EPYC 7B13"


@pytest.mark.parametrize("content", [None, "processor : 0\nmodel name : \n"])
def test_elsewhere_python_names_it(tmp_path, monkeypatch, content):
    if content is not None:
        (tmp_path / "cpuinfo").write_text(content)
    monkeypatch.setattr(devices.platform, "processor", lambda: "")
    monkeypatch.setattr(devices.platform, "machine", lambda: "arm64")
    assert cpu_name(tmp_path / "cpuinfo") == "arm64"
