# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""workload_facts and guest_unit where supervisord starts a JVM, and Tomcats and an FTP server run beside it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.clients.guest_units import Service, bring
from ansible_collections.landfall.replatform.plugins.module_utils.core.workloads import Service as Told
from ansible_collections.landfall.replatform.plugins.module_utils.core.workloads import Workload

from .old_guests import SECRET, Machine, machine

PROGRAM = f"""[program:goods]
command=/usr/bin/java -Xmx96m -XX:MaxMetaspaceSize=96m -jar /srv/goods/goods.jar --server.port=8081
directory=/srv/goods
user=daemon
autostart=true
environment=EUREKA_CLIENT_ENABLED="false",GOODS_PASSWORD="{SECRET}",SPRING_PROFILES_ACTIVE="prod"
stdout_logfile=/srv/goods/goods.log

[program:goodsx]
command=/bin/sleep infinity
autostart=true
"""
CONFIGURATION = "/etc/supervisor/conf.d/shop.conf"
CONTEXT = f"""<Context>
  <Resource name="jdbc/shop" username="shop" password="{SECRET}" url="jdbc:mysql://db-01/shop"/>
</Context>
"""
BASE = "/opt/tomcat-shop"
# A second Tomcat with a directory of its own, by a script, as they are found beside packaged ones.
STARTUP = f"""#!/bin/sh
export CATALINA_HOME=/usr/share/tomcat10 CATALINA_BASE={BASE}
exec $CATALINA_HOME/bin/catalina.sh start
"""
SECOND = f"""
cd {BASE} && mkdir webapps logs work temp && cp -aL /etc/tomcat10 conf && rm -r conf/Catalina
sed -i 's/port="8080"/port="8090"/' {BASE}/conf/server.xml
printf '<Connector protocol="AJP/1.3" port="8009" address="0.0.0.0" secretRequired="false"/>' > /tmp/ajp
sed -i '/<Service name="Catalina">/r /tmp/ajp' {BASE}/conf/server.xml
"""
RC_LOCAL = f"#!/bin/sh\n{BASE}/bin/startup.sh\n"


def war(path: Path, name: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\nSpring-Boot-Version: 2.7.18\n")
        archive.writestr("WEB-INF/classes/application.yml", f"spring.application.name: {name}\n")
        archive.writestr("WEB-INF/lib/spring-boot-2.7.18.jar", b"")
        archive.writestr("index.html", "<h1>Shop</h1>")
    return path


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    room = tmp_path_factory.mktemp("wars")
    with machine("guest-servers") as found:
        found.put(
            {
                CONFIGURATION: PROGRAM,
                "/etc/tomcat10/Catalina/localhost/shop.xml": CONTEXT,
                f"{BASE}/bin/startup.sh": STARTUP,
                "/etc/rc.local": RC_LOCAL,
            }
        )
        found.run("rm -r /var/lib/tomcat10/webapps/*")
        found.product("goods.jar", "/srv/goods/goods.jar")
        found.copy(war(room / "shop.war", "shop-of-old"), "/var/lib/tomcat10/webapps/shop.war")
        found.run(SECOND)
        for name in ("orders", "stock"):
            found.copy(war(room / f"{name}.war", name), f"{BASE}/webapps/{name}.war")
        found.run("echo local_root=/srv/ftp >> /etc/vsftpd.conf; systemctl daemon-reload")
        found.run("systemctl start supervisor tomcat10 vsftpd rc-local")
        found.wait_for(21, 8080, 8081, 8090)
        yield found


@pytest.fixture(scope="module")
def told(servers: Machine) -> Workload:
    return servers.look()


def one(told: Workload, name: str) -> Told:
    (found,) = (service for service in told["services"] if service["name"] == name)
    return found


def test_a_program_of_supervisord(told: Workload) -> None:
    goods = one(told, "goods")
    assert (goods["started_by"], goods["unit"], goods["script"]) == ("supervisor", "goods", None)
    assert (goods["kind"], goods["user"], goods["ports"]) == ("jvm", "daemon", [8081])
    assert goods["environment"] == {
        "EUREKA_CLIENT_ENABLED": "false", "GOODS_PASSWORD": "(secret)", "SPRING_PROFILES_ACTIVE": "prod",
    }  # fmt: skip
    assert goods["runtime"]
    assert goods["runtime"]["profiles"] == ["prod"]


def test_a_tomcat_of_systemd(told: Workload) -> None:
    shop = one(told, "shop-of-old")
    assert (shop["kind"], shop["unit"], shop["started_by"]) == ("tomcat", "tomcat10.service", "systemd")
    assert (shop["user"], shop["ports"]) == ("tomcat", [8080])
    assert shop["jar"]
    assert shop["jar"]["path"] == "/var/lib/tomcat10/webapps/shop.war"
    assert shop["runtime"]
    assert (shop["runtime"]["spring_boot"], shop["runtime"]["application_name"]) == ("2.7.18", "shop-of-old")
    assert {"address": "db-01", "port": 3306, "source": "configuration"} in shop["outbound"]
    files = {file["path"]: file for file in shop["configuration"]}
    context = files["/var/lib/tomcat10/conf/Catalina/localhost/shop.xml"]
    assert (context["secrets"], "tomcat-users" in "".join(files)) == (["password"], False)


def test_a_tomcat_that_a_script_started(told: Workload) -> None:
    tomcat = one(told, "tomcat-shop")
    assert (tomcat["unit"], tomcat["started_by"], tomcat["script"]) == (None, "nohup", f"{BASE}/bin/startup.sh")
    assert (tomcat["jar"], tomcat["ports"]) == (None, [8009, 8090])
    served = [finding["found"] for finding in told["findings"] if finding["rule"] == "web_applications"]
    assert served == ["shop-of-old, a Tomcat, serves shop", "tomcat-shop, a Tomcat, serves orders, stock"]


def test_an_ftp_server(told: Workload) -> None:
    ftp = one(told, "ftp")
    assert (ftp["unit"], ftp["ports"], ftp["document_root"], ftp["data"]) == (
        "vsftpd.service", [21], "/srv/ftp", ["/srv/ftp"],
    )  # fmt: skip


def test_no_secret_is_kept(told: Workload) -> None:
    assert SECRET not in json.dumps(told)


def test_a_program_of_supervisord_is_stopped_for_good_and_started_again(servers: Machine) -> None:
    goods = Service("goods", None, "daemon", 8081, "supervisor")
    before, _after = bring(servers.guest, goods, running=False, patience=60, dry=True)
    assert (before.running, before.at_boot) == (True, True)
    assert servers.guest.listeners(8081)
    bring(servers.guest, goods, running=False, patience=60, dry=False)
    assert servers.guest.listeners(8081) == []
    servers.run("systemctl restart supervisor; sleep 3")
    assert [line.split()[:2] for line in servers.guest.run("supervisorctl status").text.splitlines()] == [
        ["goods", "STOPPED"], ["goodsx", "RUNNING"],
    ]  # fmt: skip
    again, _after = bring(servers.guest, goods, running=False, patience=60, dry=False)
    assert (again.running, again.at_boot) == (False, False)
    bring(servers.guest, goods, running=True, patience=60, dry=False)
    assert servers.guest.listeners(8081)
    assert servers.guest.read(CONFIGURATION)[CONFIGURATION].decode() == PROGRAM


def test_a_tomcat_of_a_script_is_stopped_for_good(servers: Machine) -> None:
    tomcat = Service(None, f"{BASE}/bin/startup.sh", "root", 8090, "nohup")
    bring(servers.guest, tomcat, running=False, patience=60, dry=False)
    assert servers.guest.listeners(8090) == []
    assert "# landfall: " in servers.run("cat /etc/rc.local")
    bring(servers.guest, tomcat, running=True, patience=60, dry=False)
    assert servers.guest.listeners(8090)
