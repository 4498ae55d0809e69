import pytest

from nac.runs.gpu_support import Gpu, Wheels, advice, read_gpus, remedy, support_line

PINNED = Wheels("2.21.0", "12.9.79", "9.10.2.21")
NEWER = Wheels("2.21.0", "12.9.79", "9.11.0.98")
NO_CUDA = Wheels("2.21.0", None, None)

V100 = Gpu("Tesla V100-SXM2-16GB", "535.183.01", "7.0")
T4 = Gpu("Tesla T4", "525.60.13", "7.5")


def test_the_line_names_versions_and_gpus():
    expected = (
        "TensorFlow 2.21.0, CUDA 12.9.79, cuDNN 9.10.2.21, "
        "GPU: Tesla T4 (capability 7.5, driver 525.60.13)"
    )
    assert support_line(PINNED, [T4]) == expected


def test_the_line_without_cuda_and_gpus():
    assert support_line(NO_CUDA, []) == "TensorFlow 2.21.0, no CUDA, GPU: none"


@pytest.mark.parametrize("gpu", [V100, T4, Gpu("NVIDIA H100", "580.65.06", "9.0")])
def test_the_pinned_wheels_fit(gpu):
    assert remedy(PINNED, [gpu]) is None


def test_volta_needs_an_older_cudnn():
    expected = (
        "Tesla V100-SXM2-16GB: expected cuDNN 9.10 or older for compute capability 7.0, "
        "received 9.11.0.98: install nvidia-cudnn-cu12==9.10.2.21, as in constraints.txt"
    )
    assert remedy(NEWER, [T4, V100]) == expected


def test_turing_takes_any_cudnn():
    assert remedy(NEWER, [T4]) is None


@pytest.mark.parametrize(
    ("driver", "capability", "oldest"),
    [
        ("525.60.12", "8.0", "525.60.13"),
        ("470.256", "8.0", "525.60.13"),
        ("565.57", "12.0", "570.26"),
    ],
)
def test_an_old_driver_is_refused(driver, capability, oldest):
    expected = (
        f"GPU: expected driver {oldest} or newer, received {driver}: update the driver of the host"
    )
    assert remedy(PINNED, [Gpu("GPU", driver, capability)]) == expected


def test_a_gpu_older_than_pascal_is_refused():
    expected = (
        "Tesla M40: expected compute capability 6.0 or newer, received 5.2: "
        "use another GPU or the CPU"
    )
    assert remedy(PINNED, [Gpu("Tesla M40", "535.54", "5.2")]) == expected


def test_without_cuda_everything_fits():
    assert remedy(NO_CUDA, [Gpu("Tesla M40", "390.1", "5.2")]) is None


def test_a_missing_gpu_is_worth_a_word():
    assert "docker run --gpus all" in advice(PINNED, [])


def test_an_unused_gpu_is_worth_a_word():
    assert "without VARIANT=cpu" in advice(NO_CUDA, [T4])


@pytest.mark.parametrize(("wheels", "gpus"), [(PINNED, [T4]), (NO_CUDA, [])])
def test_else_there_is_no_advice(wheels, gpus):
    assert advice(wheels, gpus) is None


def test_the_listing_of_the_driver_is_read():
    listing = "Tesla V100-SXM2-16GB, 535.183.01, 7.0\nTesla T4, 525.60.13, 7.5\n"
    assert read_gpus(listing) == [V100, T4]


@pytest.mark.parametrize(
    "listing",
    ["", "No devices were found\n", 'Field "compute_cap" is not a valid field to query.\n'],
)
def test_a_listing_without_gpus(listing):
    assert read_gpus(listing) == []
