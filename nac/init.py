"""Write an experiment file: for your own images, or from a template.

    nac init --images=photos

looks at the images in photos/CLASS (or photos/train/CLASS and photos/test/CLASS) and writes
``photos.yaml``, in which every value has a comment. ``nac construct --images=photos`` does the same
and runs it at once.

    nac init --list
    nac init --template=fashion_mnist/construct --output=mine.yaml

shows the experiment files that come with nac, and copies one.
"""

from pathlib import Path

from absl import flags

from nac.authoring.experiment_file import command_to_run
from nac.authoring.own_images import MINUTES, Wishes, author_folder, name_of
from nac.authoring.templates import about, template, template_names
from nac.cli.command import command
from nac.utils.errors import InputError, NacError
from nac.utils.files import write_atomically
from nac.utils.tables import table

FLAGS = flags.FlagValues()
flags.DEFINE_string("images", None, "Folder with a folder per class.", flag_values=FLAGS)
flags.DEFINE_float(
    "minutes", None, f"Minutes of the whole run; default: {MINUTES:g}.", flag_values=FLAGS
)
flags.DEFINE_integer(
    "max_parameters",
    None,
    "Trainable parameters of each network; default: as many as the time allows.",
    lower_bound=1,
    flag_values=FLAGS,
)
flags.DEFINE_integer(
    "image_size",
    None,
    "Side in pixels to which images are stretched; default: as large as the time allows, at most"
    " their own.",
    lower_bound=1,
    flag_values=FLAGS,
)
flags.DEFINE_string("template", None, "Template to copy; --list shows them.", flag_values=FLAGS)
flags.DEFINE_bool("list", False, "List the templates.", flag_values=FLAGS)
flags.DEFINE_string(
    "output",
    None,
    "The new file, which must not exist yet; default: the name of folder or template, in this"
    " directory.",
    flag_values=FLAGS,
)


def main() -> None:
    """Write the file, or list the templates."""
    if FLAGS.list:
        print(table(["template", "what it is"], [[name, about(name)] for name in template_names()]))
        return
    if bool(FLAGS.images) == bool(FLAGS.template):
        raise NacError("give --images, --template or --list (see --help)")
    if FLAGS.template:
        path = _output(Path(FLAGS.template).name)
        write_atomically(path, template(FLAGS.template))
    else:
        path = _for_images(Path(FLAGS.images))
    print(f"{path}: to run it: {command_to_run(path)}")


def _for_images(images: Path) -> Path:
    name = name_of(images)
    path = _output(name)
    wishes = Wishes(FLAGS.minutes, FLAGS.max_parameters, FLAGS.image_size)
    authored = author_folder(images, path, name, wishes)
    print("\n".join(authored.lines))
    write_atomically(path, authored.text or "")
    return path


def _output(name: str) -> Path:
    path = Path(FLAGS.output or f"{name}.yaml")
    if path.exists():
        raise InputError(f"--output: {path} exists; expected a new name, or remove it")
    if not path.absolute().parent.is_dir():
        raise InputError(f"--output: {path.parent}: no such directory")
    return path


run = command(main, FLAGS, __doc__)

if __name__ == "__main__":
    run()
