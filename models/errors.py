"""The errors a visitor may see. A page shows these as they read; anything else is a bug and goes to the log.

LimelightError
├── BadInput              what the visitor gave cannot be used
│   ├── BadImage          … because it is not a picture we can open
│   ├── BadDocument       … because it is not a PDF we can open, or a page of it is broken
│   │   └── LockedDocument    … because it needs a password, or another one
│   └── BadVideo          … because it is not a video we can read, or too long a one
├── MissingWeights        a model's file is not here and could not be fetched
│   ├── Offline           the server does not answer
│   ├── NotOnServer       the server answers, but has no such file (404 and kin)
│   ├── WrongContent      size or SHA-256 differ from the catalogue
│   ├── DiskFull          the cache folder cannot take the file
│   └── DownloadCancelled somebody pressed cancel
├── ModelFailed           the model is here but did not load
├── NotSaved              what was made has no room on the disk, or may not be written there
├── RoomsDown             the database of the rooms does not answer
├── Cancelled             somebody pressed cancel while something was made for them
└── BadSettings           a setting has a value that cannot be used

Each message says what happened, what was expected and what to do about it, in that order.
"""


class LimelightError(Exception):
    """Base of every error whose message is written for the person in front of the page."""


class BadInput(LimelightError):
    """What the visitor gave cannot be used."""


class BadImage(BadInput):
    """Not a picture we can open, or one too large to open safely."""


class BadDocument(BadInput):
    """Not a PDF we can open, or one with a page that cannot be shown."""


class LockedDocument(BadDocument):
    """A PDF that needs a password, or another one than was given."""


class BadVideo(BadInput):
    """Not a video we can read, one without pictures, or one that is too long."""


class MissingWeights(LimelightError):
    """A model needs a file that is not in the cache folder and could not be fetched."""


class Offline(MissingWeights):
    """The server that has the file cannot be reached, or went silent half-way."""


class NotOnServer(MissingWeights):
    """The server answered with an error status, such as 404."""


class WrongContent(MissingWeights):
    """The file's size or SHA-256 is not the one in the catalogue; it was deleted."""


class DiskFull(MissingWeights):
    """The cache folder has no room for the file or cannot be written."""


class DownloadCancelled(MissingWeights):
    """The download was cancelled; what had arrived is kept for the next try."""


class ModelFailed(LimelightError):
    """The model's files are here, but loading it raised an error."""


class NotSaved(LimelightError):
    """What was made could not be written: no room on the disk, or no right to write there. Nothing is left behind."""


class RoomsDown(LimelightError):
    """The database that keeps the rooms does not answer, or refuses; what was not acknowledged is to be sent again."""


class Cancelled(LimelightError):
    """Somebody pressed cancel; what was being made is gone."""


class BadSettings(LimelightError):
    """A setting has a value that cannot be used."""
