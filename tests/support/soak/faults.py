"""What a service meets with: mail servers that refuse, a disk that fills up."""

import os
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from random import Random
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Final

import trustme

from tests.support.mail_server import OK, Manners
from tests.support.soak.fault_plan import Plan

PASSWORD: Final = b"s3cret"
_BUSY: Final = "451 4.3.2 come back later"
_DISK_MEGABYTES: Final = 64
_LOW_BYTES: Final = 6_000_000
_ROOMS_KIB: Final = (16, 32, 64, 128)
"""What may be left for a crawl on a disk that fills up: enough for its beginning. Before there is some more, and after
it nothing."""
_BEFORE_KIB: Final = 256


class Mail:
    """The readers' mail server, which encrypts and asks for a password, and the operator's."""

    def __init__(self, folder: Path) -> None:
        self.team, self.operator = Manners(password=PASSWORD), Manners()
        self._authority = trustme.CA()
        self._certificates = (self._certificate(self._authority), self._certificate(trustme.CA()))
        self._is_wrong = False
        self.tls = SSLContext(PROTOCOL_TLS_SERVER)
        self._certificates[0].configure_cert(self.tls)
        self.trusted = folder / "authority.pem"
        self._authority.cert_pem.write_to_path(str(self.trusted))

    def _certificate(self, authority: trustme.CA) -> trustme.LeafCert:
        return authority.issue_cert("127.0.0.1")

    def behave(self, plan: Plan, now: datetime) -> None:
        """Behave as planned for a moment."""
        self.team.data = _BUSY if now in plan.faults.mail_down else OK
        self.team.password = b"another" if now in plan.faults.login_refused else PASSWORD
        if self._is_wrong != (is_wrong := now in plan.faults.certificate_wrong):
            self._is_wrong = is_wrong
            self._certificates[is_wrong].configure_cert(self.tls)


class Disk:
    """The folder of the database."""

    def __init__(self, folder: Path, chance: Random) -> None:
        self.folder = folder
        self._chance = chance
        self._filler = folder / "filler"
        self._rooms: list[int] = []

    def mount(self) -> None:
        """Make it a disk of its own, for this process and those that it starts."""
        command = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_MEGABYTES}m,mode=700", "tmpfs", str(self.folder)]
        subprocess.run(command, check=True)

    def behave(self, plan: Plan, now: datetime) -> None:
        """Be as full as planned for a moment."""
        if now in plan.faults.disk_full:
            self._leave(1024 * (self._rooms.pop(0) if self._rooms else 0))
        elif now in plan.faults.disk_low:
            self._rooms = [_BEFORE_KIB, self._chance.choice(_ROOMS_KIB)]
            self._leave(_LOW_BYTES)
        else:
            self._filler.unlink(missing_ok=True)

    def _leave(self, free_bytes: int) -> None:
        self._filler.unlink(missing_ok=True)
        taken = shutil.disk_usage(self.folder).free - free_bytes
        with self._filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(taken, 1))
