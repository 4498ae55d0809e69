"""The report page: its sections, missing parts, escaping, and how it looks in a browser."""

import functools
import html
import json
import re
import threading
import tracemalloc
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from nac.comparison.result import Rank, write_comparison
from nac.comparison.significance import Difference
from nac.quality.file import write_predictions
from nac.reporting.page import SECTIONS, render_report
from nac.reporting.thumbnails import SIGNATURE
from nac.runs.layout import thumbnail_file
from nac.runs.saved_run import load_run
from nac.tensorboard.curves import Curves
from nac.utils.errors import InputError
from tests.browser import open_page
from tests.plots.run_directories import write_run
from tests.quality.examples import predictions
from tests.results import comparison_result, network_result, rival_entry
from tests.runs.tournaments import write_tournament_run
from tests.test_imports_without_tensorflow import run as run_without_tensorflow

NASTY = "<script>alert(1)<script>"

COMPARISON = comparison_result(
    network_result(
        *("constructed", 0.75, 0.875),
        **{"parameters": 2345, "flops": 67890, "mean": 0.8125, "deviation": 0.0884},
        images_per_second=1234.0,
    ),
    network_result(NASTY, 0.5, kind="random", parameters=2100, flops=56000, failed=(1,)),
    random=1,
    rank=Rank(rank=1, of=2, random=1),
    differences=(Difference("random", mean=0.25, low=None, high=None, networks=1, seeds=1),),
    statement=f"constructed differs from {NASTY} by +25.00 points, with one seed.",
)


LONG = 20 * "cat_"

ANSWERS = predictions(
    [0, 0, 0, 0, 1, 2],
    [0, 0, 0, 1, 1, 1],
    [0.95, 0.95, 0.95, 0.75, 0.95, 0.85],
    ("ant", NASTY, LONG),
)
"""Three of four ants are right, the only image of the third class is taken for something nasty."""


def write_thumbnail(job, position):
    path = thumbnail_file(job, position)
    path.parent.mkdir()
    path.write_bytes(SIGNATURE)


def write_events(job, architecture):
    curves = Curves(job, architecture)
    for step in (5, 10):
        strengths = {
            f"{layer}/{name}": layer + step / 10 for layer, name in architecture.branches()
        }
        gates = {f"{s}-{d}": 0.5 for s, d in architecture.skip_connections()}
        curves.training(step, {"loss": 1.5, "accuracy": 0.5}, strengths, gates)
    curves.evaluation(10, {"loss": 1.25, "accuracy": 0.625})
    curves.flush()


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    """A finished run with event files, a model and a comparison, named by someone nasty."""
    place = write_run(tmp_path_factory.mktemp("page") / "run<b>", parameters={"arch_name": NASTY})
    run = load_run(place)
    write_events(place / "000", run.iterations[0].architecture)
    write_events(place / "final", run.constructed)
    (place / "model.keras").write_bytes(bytes(633_856))
    write_predictions(place / "final", ANSWERS)
    write_thumbnail(place / "final", 1)
    write_comparison(place / "comparison", COMPARISON)
    (place / "flags.txt").write_text(f"--config={NASTY}\n--train_final=True\n")
    return place


@pytest.fixture(scope="module")
def page(directory):
    return render_report(load_run(directory))


def section(page, name):
    """Return a section's text as a reader sees it; figures count by their description."""
    found = re.search(rf'<section id="{name}">(.*?)</section>', page, re.DOTALL)[1]
    described = re.sub(
        r'<svg role="img" aria-label="([^"]*)".*?</svg>', r"[\1]", found, flags=re.DOTALL
    )
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", described)).split())


def test_a_run_has_a_report_before_its_first_tournament_has_chosen(tmp_path):
    page = render_report(load_run(write_tournament_run(tmp_path / "small")))
    assert "policy: tournament" in section(page, "asked")
    assert "6/1-1/3" not in section(page, "iterations")


def test_the_report_ends_before_an_iteration_whose_tournament_is_unfinished(tmp_path):
    page = render_report(load_run(write_tournament_run(tmp_path / "small", "taylor")))
    assert "Iteration 0: 6/1-1/3" in section(page, "iterations")
    assert "Iteration 1" not in section(page, "iterations")


def test_what_a_tournament_chose_is_shown_with_its_losses(tmp_path):
    """weight_norm falls with the position of a branch: the third of three is the weakest."""
    page = render_report(load_run(write_tournament_run(tmp_path / "small", "weight_norm")))
    text = section(page, "iterations")
    assert "Trainings chose weight_norm among 1 proposal " in text
    assert "proposal network loss, 6 steps weight_norm 6/2-2/3 0.5000" in text
    assert "layer branch block weight_norm why 1 Branch3 3x3sep 4.000 pruned" in text


def test_every_section_of_the_navigation_is_there_once(page):
    for name, title in SECTIONS:
        assert page.count(f'<section id="{name}">') == 1
        assert f'<a href="#{name}">{title}</a>' in page


def test_values_are_escaped(page):
    assert "<script" not in page
    assert "<b>" not in page
    assert page.count("&lt;script&gt;alert(1)") >= 4  # flags, experiment, statement, network


def test_nothing_is_asked_of_the_network(page):
    assert "default-src &#39;none&#39;" not in page
    assert "content=\"default-src 'none';" in page
    linked = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert all(link.startswith(("#", "data:")) for link in linked)


def test_iterations_at_a_glance(page):
    text = section(page, "glance")
    assert (
        "Iteration 0 [Layers of 6/1-1/3, a square for each branch]"
        " network 6/1-1/3 test accuracy 50.00 % parameters 1,234 seconds 3"
        " then pruned 2 branches, 0 skips Iteration 1 [Layers of 6/2-2/3, a square" in text
    )
    assert "branch] network 6/3-3/3 test accuracy 50.00 %" in text
    assert text.count("then pruned") == 2


def test_the_quality_of_the_trained_network(page):
    text = section(page, "quality")
    assert "2 of the 6 test images were answered wrongly." in text
    assert "[Confusion matrix (confusion)]" in text
    assert f"class images accuracy {LONG} 1 0.0 % ant 4 75.0 % {NASTY} 1 100.0 %" in text
    assert "[Accuracy by confidence (calibration)]" in text


def test_the_expected_calibration_error(page):
    """Four of 95 % are right, one of 75 % and one of 85 % are wrong: (4 * 5 + 75 + 85) / 6."""
    assert "expected calibration error is 30.0 %" in section(page, "quality")


def test_the_worst_mistakes_come_first_and_tell_class_answer_and_confidence(page):
    text = section(page, "quality")
    worst, uncertain = text.split("Least certain images")
    assert f"{LONG} {NASTY}, 85 % no picture of image 3 ant {NASTY}, 75 %" in worst
    assert uncertain.index(f"ant {NASTY}, 75 %") < uncertain.index("cat_ <script")


def test_pictures_are_part_of_the_page(page):
    assert page.count('<img src="data:image/png;base64,iVBORw0KGgo=" alt="image 1, ant">') == 1


def test_an_old_run_without_answers_says_how_to_get_them(tmp_path):
    text = section(render_report(load_run(write_run(tmp_path))), "quality")
    assert f"has left no {tmp_path}/final/predictions.npz" in text
    assert f"python -m nac.train --job={tmp_path}/final/job.json" in text


def test_without_a_final_training_there_is_no_word_on_quality(tmp_path):
    page = render_report(load_run(write_run(tmp_path, final=False)))
    assert section(page, "quality").endswith("It is known after the final training.")


def test_many_classes_have_a_table_of_confused_pairs(tmp_path):
    names = tuple(f"class {number}" for number in range(30))
    answers = predictions(range(30), [1, *range(1, 30)], 0.5, names)
    write_predictions(write_run(tmp_path) / "final", answers)
    text = section(render_report(load_run(tmp_path)), "quality")
    assert "true class predicted images of the class class 0 class 1 1 100.0 %" in text
    assert "(confusion)" not in text
    assert "The other 10 classes" in text


def test_memory_does_not_grow_with_the_square_of_the_number_of_classes(tmp_path):
    names = tuple(map(str, range(21_000)))
    write_predictions(write_run(tmp_path) / "final", predictions([0, 7], [1, 7], 0.5, names))
    run = load_run(tmp_path)
    tracemalloc.start()
    text = section(render_report(run), "quality")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "class images accuracy 0 1 0.0 % 7 1 100.0 %" in text
    assert peak < 2**28


def test_size_on_disk_and_time_for_an_image(tmp_path):
    write_run(tmp_path)
    (tmp_path / "model.keras").write_bytes(bytes(633_856))
    (tmp_path / "small.tflite").write_bytes(bytes(3 * 2**19))
    path = tmp_path / "final" / "statistics.json"
    latency = {"milliseconds": 2.125, "repetitions": 99, "device": "Some CPU"}
    path.write_text(json.dumps({**json.loads(path.read_text()), "latency": latency}))
    text = section(render_report(load_run(tmp_path)), "size")
    assert "model.keras Keras 619 KiB small.tflite TFLite 1.5 MiB" in text
    assert "One image takes 2.12 ms on Some CPU, as the median of 99 repetitions" in text


def test_of_an_old_run_the_time_for_an_image_is_not_known(page):
    assert "was not measured in the final training" in section(page, "size")


def test_what_was_asked(page):
    text = section(page, "asked")
    assert "2 truncated trainings of 12 steps with 16 images each" in text
    assert "then the full training of 8 steps; seed 0" in text
    assert "ranked by mean_square : mean of x² after ReLU" in text
    assert f"--config={NASTY}" in text
    assert "arch_name: " in text


def test_the_constructed_network(page):
    text = section(page, "network")
    assert "Notation 6/3-3/3 : 6 channels into the first stage, stages of 3 and 3 layers" in text
    assert "[Diagram of the constructed network 6/3-3/3]" in text
    assert '"type": "macro"' in text


def test_iterations_tell_what_was_pruned_and_why(page):
    text = section(page, "iterations")
    assert "Iteration 0: 6/1-1/3 → 6/2-2/3" in text
    assert "Iteration 1: 6/2-2/3 → 6/3-3/3" in text
    assert "[Diagram of iteration 0, network 6/1-1/3, with what is pruned marked]" in text
    assert "1 of its 3 branches may go, weakest first. 1 of its 3 branches were pruned." in text
    # Metrics are the places of the branches over 8.
    assert "1 Branch1 1x1 0.1250 pruned rank 1 of 3" in text
    assert "3 Branch1 1x1 0.5000 pruned rank 1 of 3" in text


def test_curves_are_drawn_from_the_event_files(page):
    text = section(page, "curves")
    assert "[Accuracy and loss of each job by step]" in text
    assert "final, test 0.6250" in page
    assert "(ranking_000)" in text


def test_gates_are_drawn_for_each_job_that_has_some(page):
    text = section(page, "gates")
    assert "[Gates, Iteration 1]" in text
    assert "[Gates, Full training of the constructed network]" in text


def test_cost_of_each_job_and_of_all(page):
    text = section(page, "cost")
    assert "final CPU 12 192 60 1.0 % 3.2 – not available" in text
    assert "all 36 576 9.8 not available" in text
    assert "Energy is not available on this platform" in text


def test_energy_is_shown_if_it_is_known(tmp_path):
    write_run(tmp_path, iterations=1)
    path = tmp_path / "000" / "statistics.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "energy_joules": 12345.0}))
    text = section(render_report(load_run(tmp_path)), "cost")
    assert "0 CPU 12 192 60 1.0 % 3.2 – 12.35 kJ" in text
    assert "RAPL" in text


def test_peak_memory_is_shown_if_it_is_known(tmp_path):
    write_run(tmp_path, iterations=1)
    path = tmp_path / "000" / "statistics.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "peak_memory_bytes": 50 * 2**20}))
    text = section(render_report(load_run(tmp_path)), "cost")
    assert "0 CPU 12 192 60 1.0 % 3.2 50 MiB not available" in text


def test_the_comparison(page):
    text = section(page, "comparison")
    assert "Test images decided" in text
    assert f"Constructed differs from {NASTY} by +25.00 points" in text
    assert "Rank of the constructed network: 1 of 2" in text
    assert "constructed 6/3-3/3 2,345 67.9 k 0.8125 0.0884 0.7500 0.8750 3 1,234" in text
    assert f"{NASTY} 6/3-3/3 2,100 56 k 0.5000 – 0.5000 – 3 – 1" in text
    assert "random 1 1 +0.2500 –" in text


def test_each_comparison_is_shown_and_says_which_images_decided(tmp_path):
    directory = write_run(tmp_path / "run")
    for split, statement in (("test", "It is better."), ("validation", "it is worse.")):
        name = "comparison" if split == "test" else "comparison_validation"
        result = comparison_result(network_result("constructed", 0.5), split=split)
        write_comparison(directory / name, replace(result, statement=statement))
    text = section(render_report(load_run(directory)), "comparison")
    first, second = text.index("Test images decided"), text.index("Validation images decided")
    assert first < text.index("It is better.") < second < text.index("It is worse.")
    assert "with (comparison)]" in text
    assert "with (comparison_validation)]" in text
    assert "seconds (comparison_sizes)]" in text
    assert "seconds (comparison_validation_sizes)]" in text
    assert "included (comparison_seconds)]" in text
    assert "included (comparison_validation_seconds)]" in text
    assert "made by hand" not in text
    assert "Accuracy on the validation images of digits" in text


def test_networks_made_by_hand_are_said_to_have_equal_costs(tmp_path):
    directory = write_run(tmp_path / "run")
    networks = (network_result("constructed", 0.5), network_result("resnet", 0.75))
    write_comparison(directory / "comparison", comparison_result(*networks, equal="flops"))
    text = section(render_report(load_run(directory)), "comparison")
    assert "have as many FLOPs as the constructed network, within 3 %." in text


def test_rivals_have_a_table_of_their_own(tmp_path):
    directory = write_run(tmp_path / "run")
    rivals = (
        rival_entry("keras_tuner", 0.5, 0.75),
        rival_entry("autokeras", failed={0: f"no {NASTY}", 1: "no model within its 60 s"}),
    )
    result = comparison_result(network_result("constructed", 0.5), rivals=rivals, run_seconds=61.0)
    write_comparison(directory / "comparison", result)
    text = section(render_report(load_run(directory)), "comparison")
    assert "other libraries, each in 60 s, while the run took 61 s" in text
    assert "Keras Tuner 4,000 0.6250 0.1768 0.5000 0.7500 5.0 58" in text
    assert f"AutoKeras – – – – – – – 0: no {NASTY}; 1: no model within its 60 s" in text


def test_without_rivals_there_is_no_word_of_them(page):
    assert "other libraries" not in section(page, "comparison")


def test_a_damaged_comparison_is_one_line_with_file_and_key(tmp_path):
    directory = write_run(tmp_path / "run")
    path = directory / "comparison" / "comparison.json"
    path.parent.mkdir()
    path.write_text('{"run": "run", "dataset": 7}')
    with pytest.raises(InputError, match=f"^{path}: dataset: expected a string, received 7$"):
        render_report(load_run(directory))


def test_use_and_repetition(page):
    assert "keras.models.load_model" in section(page, "use")
    assert "--format=tflite" in section(page, "use")
    assert "nac.construct" in section(page, "repeat")
    assert "-again" in section(page, "repeat")


def test_it_is_written_without_tensorflow(directory, tmp_path):
    arguments = [f"--run={directory}", f"--output={tmp_path / 'page.html'}"]
    command = f"from nac.report import run; run({arguments!r})\n"
    result = run_without_tensorflow(command + "assert Blocker.tried == [], Blocker.tried")
    assert result.returncode == 0, result.stderr


def test_the_same_run_gives_the_same_bytes(directory, page):
    assert render_report(load_run(directory)) == page


@pytest.mark.parametrize("iterations", [0, 1])
def test_an_unfinished_run_has_a_page_that_says_what_is_missing(tmp_path, iterations):
    page = render_report(load_run(write_run(tmp_path, iterations=iterations)))
    assert f"{iterations} of 2 iterations are done." in page
    assert "There is none yet: it is written after the last iteration." in section(page, "network")
    assert "There are no event files" in section(page, "curves")
    assert "has not been compared with random networks" in section(page, "comparison")
    assert "There is no trained model" in section(page, "use")


def test_a_constructed_network_that_is_not_trained_yet(tmp_path):
    page = render_report(load_run(write_run(tmp_path, final=False)))
    assert "There is no final training." in page
    assert "nac.describe" in section(page, "use")


@pytest.fixture
def served(page, tmp_path):
    """Serve the page, and a page that says how wide it is on a phone; return the address."""
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    (tmp_path / "phone.html").write_text(PHONE)
    handler = functools.partial(_Quiet, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


PHONE = """<!DOCTYPE html><link rel="icon" href="data:,"><p id="width"></p>
<iframe src="report.html" width="390" height="800" onload="
  document.getElementById('width').textContent =
    'wide: ' + contentDocument.documentElement.scrollWidth + ' cut: ' + [
      ...contentDocument.querySelectorAll('table, svg, pre, li, img, dl, p, h2')
    ].filter(e => e.getBoundingClientRect().right > 390).map(e => e.outerHTML.slice(0, 60))
  "></iframe>
"""


@pytest.mark.slow
def test_a_browser_shows_it_without_errors_and_without_the_network(served, tmp_path):
    seen = open_page(f"{served}/report.html", tmp_path / "browser")
    assert seen.console_errors == []
    assert seen.requested_urls in ([], [f"{served}/report.html"])
    assert seen.foreign_urls() == []
    for heading in ("Settings", "Iterations", "Gates", "Cost", "Was it worth it?"):
        assert f"<h2>{heading}</h2>" in seen.dom
    assert seen.dom.count("<svg") >= 6


@pytest.mark.slow
def test_on_a_phone_the_page_does_not_scroll_sideways(served, tmp_path):
    seen = open_page(f"{served}/phone.html", tmp_path / "browser")
    assert int(re.search(r"wide: (\d+)", seen.dom)[1]) <= 390


@pytest.mark.slow
def test_on_a_phone_drawings_and_tables_fit_and_nothing_is_cut(served, tmp_path):
    seen = open_page(f"{served}/phone.html", tmp_path / "browser")
    assert re.search(r"cut: (.*?)</p>", seen.dom)[1] == ""
