from pathlib import Path

import pytest

from alerts.delivery.channels import credentials
from alerts.errors import CredentialError

VARIABLE = "JOBSPIDER_TEAM_MAIL_PASSWORD"


def test_a_channels_variable_is_its_name_in_capitals() -> None:
    assert credentials.env_var_name("team-mail", "PASSWORD") == VARIABLE


def test_a_secret_comes_from_its_variable() -> None:
    assert credentials.require_secret("team-mail", "PASSWORD", {VARIABLE: "s3cret"}) == "s3cret"


def test_a_secret_comes_from_the_file_that_the_environment_names(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("s3cret\n", encoding="utf-8")
    assert credentials.require_secret("team-mail", "PASSWORD", {f"{VARIABLE}_FILE": str(file)}) == "s3cret"


def test_the_variable_itself_comes_before_the_file(tmp_path: Path) -> None:
    environ = {VARIABLE: "direct", f"{VARIABLE}_FILE": str(tmp_path / "absent")}
    assert credentials.find_secret("team-mail", "PASSWORD", environ) == "direct"


def test_a_secret_that_is_not_set_is_none_until_it_is_required() -> None:
    assert credentials.find_secret("team-mail", "PASSWORD", {}) is None
    with pytest.raises(CredentialError, match=f"set {VARIABLE} or {VARIABLE}_FILE"):
        credentials.require_secret("team-mail", "PASSWORD", {})


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    for path in (tmp_path / "absent", tmp_path, binary):
        with pytest.raises(CredentialError, match=f"{VARIABLE}_FILE: the file .* cannot be read"):
            credentials.find_secret("team-mail", "PASSWORD", {f"{VARIABLE}_FILE": str(path)})


def test_an_empty_secret_is_a_mistake_and_not_a_secret(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.write_text("\n", encoding="utf-8")
    for environ in ({VARIABLE: ""}, {f"{VARIABLE}_FILE": str(empty)}):
        with pytest.raises(CredentialError, match="is set but empty"):
            credentials.require_secret("team-mail", "PASSWORD", environ)


def test_a_missing_secret_is_the_users_to_set() -> None:
    assert CredentialError("x").exit_code == 2
