"""Users and their sessions: passwords are hashed, and who loses theirs is out at once."""

import json
import os
from pathlib import Path

import pytest

from ui.sessions import Sessions
from ui.users import Users, UsersError

PASSWORD = "correct horse battery"


@pytest.fixture
def users(tmp_path: Path) -> Users:
    users = Users(tmp_path / "users.json")
    users.put("ada", PASSWORD)
    return users


def test_a_password_is_kept_as_a_salted_hash_that_only_the_owner_can_read(users: Users) -> None:
    users.put("bob", PASSWORD)

    stored = json.loads(users.path.read_text())
    assert PASSWORD not in users.path.read_text()
    assert stored["ada"]["hash"] != stored["bob"]["hash"]
    assert users.path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(users.path.parent) == ["users.json"]


@pytest.mark.parametrize(
    ("name", "password", "fits"),
    [("ada", PASSWORD, True), ("ada", PASSWORD + " ", False), ("ada", "", False), ("bob", PASSWORD, False)],
)
def test_only_the_users_own_password_fits(users: Users, name: str, password: str, fits: bool) -> None:
    assert users.check(name, password) is fits


def test_a_user_added_by_another_process_can_sign_in_at_once(users: Users) -> None:
    assert users.names() == ["ada"]
    Users(users.path).put("bob", PASSWORD)

    assert users.check("bob", PASSWORD)


@pytest.mark.parametrize(
    ("name", "password", "message"),
    [
        ("../ada", PASSWORD, "cannot be a name"),
        ("", PASSWORD, "cannot be a name"),
        ("<script>", PASSWORD, "cannot be a name"),
        ("ada:b", PASSWORD, "cannot be a name"),
        ("ada", "short", "from 8 to 1000 characters"),
        ("ada", "x" * 1001, "from 8 to 1000 characters"),
    ],
)
def test_names_and_passwords_that_will_not_do_are_refused(users: Users, name: str, password: str, message: str) -> None:
    with pytest.raises(UsersError, match=message):
        users.put(name, password)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"ada": {"hash": "x"}}', '{"ada": 1}'])
def test_a_damaged_file_lets_nobody_in_and_says_so(users: Users, text: str) -> None:
    users.path.write_text(text)

    with pytest.raises(UsersError, match="users.json cannot be read"):
        users.check("ada", PASSWORD)


def test_removing_nobody_is_an_error(users: Users) -> None:
    with pytest.raises(UsersError, match="there is no user bob in .*There are: ada"):
        users.remove("bob")


def test_a_session_lasts_until_it_is_not_used_any_more_or_too_old(users: Users) -> None:
    now = 0.0
    sessions = Sessions(users, clock=lambda: now)
    token = sessions.begin("ada")

    while now < 14 * 24 * 3600:
        assert sessions.who(token) == "ada"
        now += 11 * 3600
    assert sessions.who(token) is None

    token = sessions.begin("ada")
    now += 12 * 3600
    assert sessions.who(token) is None


def test_a_session_ends_by_signing_out_by_a_new_password_and_with_the_user(users: Users) -> None:
    sessions = Sessions(users)
    first, second = sessions.begin("ada"), sessions.begin("ada")
    sessions.end(first)
    assert (sessions.who(first), sessions.who(second)) == (None, "ada")

    users.put("ada", PASSWORD)
    assert sessions.who(second) is None
    third = sessions.begin("ada")
    users.remove("ada")
    assert sessions.who(third) is None


def test_what_is_no_token_is_nobodys(users: Users) -> None:
    sessions = Sessions(users)
    sessions.begin("ada")

    assert [sessions.who(token) for token in ("", "ada", "x" * 43)] == [None, None, None]
