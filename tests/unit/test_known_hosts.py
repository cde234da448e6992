# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""known_hosts: told keys replace old ones, everything else stays."""

from __future__ import annotations

from ansible_collections.landfall.replatform.plugins.module_utils.core.known_hosts import merge

FOREIGN = "# by hand\n|1|hashed= ssh-rsa AAA\n@cert-authority *.example ssh-rsa CA\n"
OLD = FOREIGN + "10.0.0.1 ssh-rsa OLD\ngoods,10.0.0.2 ssh-rsa G\n"


def test_a_new_host_has_new_keys() -> None:
    text = merge(OLD, {"10.0.0.1": ["ssh-ed25519 NEW", "ecdsa-sha2-nistp256 E"]})
    assert "OLD" not in text
    assert text.endswith("10.0.0.1 ecdsa-sha2-nistp256 E\n10.0.0.1 ssh-ed25519 NEW\n")
    assert text.startswith(FOREIGN + "goods,10.0.0.2 ssh-rsa G\n")


def test_a_name_leaves_a_line_that_others_share() -> None:
    assert "goods ssh-rsa G\n" in merge(OLD, {"10.0.0.2": ["ssh-rsa N"]})


def test_nothing_told_changes_nothing() -> None:
    assert merge(OLD, {"10.0.0.1": []}) == OLD
    assert merge("", {}) == ""


def test_twice_is_once() -> None:
    once = merge(OLD, {"10.0.0.1": ["ssh-rsa N"], "10.0.0.3": ["ssh-rsa M"]})
    assert merge(once, {"10.0.0.3": ["ssh-rsa M"], "10.0.0.1": ["ssh-rsa N"]}) == once


def test_two_that_tell_of_different_hosts_leave_each_others_lines_in_place() -> None:
    guests, nodes = {"10.0.0.1": ["ssh-rsa A"]}, {"10.0.0.9": ["ssh-rsa B"]}
    both = merge(merge("", guests), nodes)
    assert merge(both, guests) == both
    assert merge(both, nodes) == both
