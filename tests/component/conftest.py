# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fixtures that several component tests share: a server is started once per run, so its fixture lives here."""

from __future__ import annotations

from tests.component.kube_fixture import controllers, kube, kube_server, namespace
from tests.component.nexus_fixture import nexus

__all__ = ["controllers", "kube", "kube_server", "namespace", "nexus"]
