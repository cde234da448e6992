# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names and places of the running lab. There is one lab on a machine."""

from __future__ import annotations

from lab.build.places import LAB, ROOT

RUN = LAB / "run"
STATE = RUN / "vcenter-state"
PID = RUN / "vcenter.pid"
LOG = LAB / "logs" / "vcenter.log"
PASSWORD = RUN / "vcenter.password"
AUTHORITY = RUN / "vcenter-ca.pem"
CERTIFICATE = RUN / "vcenter.crt"
KEY = RUN / "vcenter.key"
SSH_KEY = RUN / "ssh" / "id_ed25519"
MAVEN_CENTRAL = RUN / "maven-central.url"
NEXUS_INITIAL = RUN / "nexus-initial.password"
NEXUS_SECRETS = (RUN / "nexus-admin.password", RUN / "nexus-deploy.password")
SITE = ROOT / "sites" / "lab"

USER = "administrator@vsphere.local"
SDK = "127.0.0.1:8989"
CONTROL = "127.0.0.1:8990"
NETWORK = "landfall"
SUBNET, GATEWAY = "10.99.0.0/24", "10.99.0.1"
LABEL = "landfall=lab"
SHOP = "http://10.99.0.30"
NEXUS = "nexus-01"
NEXUS_STATUS = "http://10.99.0.31:8081/service/rest/v1/status/writable"
NEXUS_PASSWORD_FILE = "/opt/sonatype-work/nexus3/admin.password"
