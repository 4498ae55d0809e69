"""What a loader of a data set is asked for."""

from dataclasses import dataclass

from nac.utils.errors import InputError


@dataclass(frozen=True)
class Request:
    """A data set to load.

    Attributes:
        name: as the experiment has it, for messages.
        argument: what stands behind the prefix of the name, such as the path of ``folder:PATH``.
        data_dir: directory with the files; None for the data set's own default.
        image_size: ``parameters.image_size``.
    """

    name: str
    argument: str = ""
    data_dir: str | None = None
    image_size: int | None = None

    def side(self) -> int:
        """Return ``image_size`` for a data set whose images have no one size.

        Raises:
            InputError: it is missing.
        """
        if self.image_size is None:
            raise InputError(
                f"parameters.image_size: missing; images of {self.name!r} have no one size:"
                " expected the side in pixels to which they are brought"
            )
        return self.image_size
