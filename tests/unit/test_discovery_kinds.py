# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Services of other kinds on a guest, and what only some of them tell."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from ansible_collections.landfall.replatform.plugins.module_utils.core.discovery import look, questions

from .guest_answers import Guest, Process, jar

LISTEN = "0A"
ANY = ("0.0.0.0", 0)
JAVA = "/usr/lib/jvm/java-8/bin/java"
BASE = "/opt/tomcat"
WAR = jar(**{
    "META-INF/MANIFEST.MF": "Spring-Boot-Version: 2.3.1\n",
    "WEB-INF/classes/application.yml": "spring.application.name: shop\nupload.path: /data/pictures\n",
})  # fmt: skip
SERVER = """<Server port="8005" shutdown="SHUTDOWN">
  <Connector port="8009" protocol="AJP/1.3" secret="tea"/>
  <Connector port="8080" protocol="HTTP/1.1" keystorePass='tea'/>
  <Resource url="jdbc:oracle:thin:@db-01:1521/x" password="tea and cups"/>
  <Resource url="jdbc:mysql://db-02/x"/><password>tea &amp; cups</password>
</Server>
"""


def tomcat(*wars: str, **more: object) -> Process:
    command = ["java", f"-Dcatalina.base={BASE}", "-Xmx1g", "org.apache.catalina.startup.Bootstrap", "start"]
    found = [f"{BASE}/webapps/{war}" for war in (*(f"{name}.war" for name in wars), "manager/WEB-INF")]
    archive = (f"{BASE}/webapps/{wars[0]}.war", WAR) if wars else None
    return Process(50, command, program=JAVA, applications=found, jar=archive, **more)  # type: ignore[arg-type]


def listening(*ports: int, pid: int = 50) -> list[tuple[str, tuple[str, int], tuple[str, int], int]]:
    return [(LISTEN, ("0.0.0.0", port), ANY, pid) for port in ports]


def test_a_tomcat_with_one_application() -> None:
    guest = Guest([tomcat("shop")], sockets=listening(8080, 8009), files={f"{BASE}/conf/server.xml": SERVER})
    assert {f"{BASE}/conf/server.xml", f"{BASE}/conf/Catalina/*/*.xml", f"{BASE}/bin/setenv.sh"} <= set(
        questions(look(guest.first())).files
    )
    one = guest.service()
    assert (one["kind"], one["name"], one["ports"]) == ("tomcat", "shop", [8009, 8080])
    assert one["jar"]
    assert one["jar"]["path"] == f"{BASE}/webapps/shop.war"
    assert one["runtime"]
    assert (one["runtime"]["spring_boot"], one["runtime"]["java"]) == ("2.3.1", 8)
    assert one["memory"]
    assert one["memory"]["heap_max_mib"] == 1024
    assert {"address": "db-02", "port": 3306, "source": "configuration"} in one["outbound"]
    assert one["data"] == ["/data/pictures"]
    (file,) = one["configuration"]
    assert file["secrets"] == ["keystorePass", "password", "secret"]
    assert ("tea" in file["content"], file["content"].count("(secret)")) == (False, 4)


def test_a_tomcat_with_several_applications() -> None:
    told = Guest([tomcat("orders", "shop")], sockets=listening(8080)).told()
    (one,) = told["services"]
    assert (one["name"], one["jar"], one["started_by"]) == ("tomcat", None, "init")
    assert [each["found"] for each in told["findings"] if each["rule"] == "web_applications"] == [
        "tomcat, a Tomcat, serves manager, orders, shop"
    ]


def test_where_a_tomcats_script_is_looked_for() -> None:
    asked = questions(look(Guest([tomcat("shop")]).first()))
    assert (asked.scripts, asked.words) == ((f"{BASE}/bin/catalina.sh",), (BASE,))


@pytest.mark.parametrize(
    ("command", "program", "name", "port", "kind"),
    [
        (["java", "-cp", "x", "org.elasticsearch.bootstrap.Elasticsearch"], JAVA, "", 9200, "elasticsearch"),
        (["java", "-cp", "x", "kafka.Kafka", "server.properties"], JAVA, "", 9092, "kafka"),
        (["memcached", "-p", "11211"], "/usr/bin/memcached", "", 11211, "memcached"),
        (["xinetd", "-stayalive"], "/usr/sbin/xinetd", "", 21, "ftp"),
        (["/opt/wrapper"], "/opt/wrapper", "", 3306, "mariadb"),
        (["httpd", "-h", "/www"], "/bin/busybox", "httpd", 80, "other"),
        (["httpd", "-k", "start"], "/usr/sbin/httpd", "", 80, "apache"),
    ],
)
def test_kinds(command: Sequence[str], program: str, name: str, port: int, kind: str) -> None:
    one = Guest([Process(50, command, program=program, name=name)], sockets=listening(port)).service()
    assert (one["kind"], one["ports"]) == (kind, [port])
    assert one["name"] != "busybox"


def test_busybox_is_no_service_as_a_shell() -> None:
    processes = [Process(50, [name], program="/bin/busybox", name=name) for name in ("sh", "ash", "telnetd", "init")]
    assert Guest(processes[:1], sockets=listening(99)).told()["services"] == []
    assert Guest(processes[2:3], sockets=listening(23)).told()["services"] == []


def test_without_root_ports_are_told_by_their_number() -> None:
    redis = Process(9, ["redis-server *:6379"], name="redis-server", uid=999)
    told = Guest([redis], sockets=listening(6379, 8081, pid=0), user="1000").told()
    (one,) = told["services"]
    assert (one["kind"], one["ports"]) == ("redis", [6379])
    found = {each["rule"]: each["found"] for each in told["findings"]}
    assert "who listens on port 6379, 8081 is not known" in found["not_privileged"]


@pytest.mark.parametrize(
    ("program", "path", "text", "root", "data", "logs"),
    [
        (
            "vsftpd", "/etc/vsftpd/vsftpd.conf",
            "local_enable=YES\nlocal_root=/srv/ftp\nanon_root=/var/ftp\nxferlog_file=/var/log/xferlog\n",
            "/srv/ftp", ["/srv/ftp", "/var/ftp"], ["/var/log/xferlog"],
        ),
        ("vsftpd", "/etc/vsftpd.conf", "local_enable=YES\n", "/home", ["/home"], []),
        (
            "proftpd", "/etc/proftpd.conf",
            "DefaultRoot /srv/files users,!staff\n<Anonymous /srv/open>\n</Anonymous>\nTransferLog /var/log/x.log\n",
            "/srv/files", ["/srv/files", "/srv/open"], ["/var/log/x.log"],
        ),
        ("proftpd", "/etc/proftpd/proftpd.conf", "DefaultRoot ~\n", "/home", ["/home"], []),
    ],
)  # fmt: skip
def test_ftp(program: str, path: str, text: str, root: str, data: list[str], logs: list[str]) -> None:
    server = Process(50, [f"/usr/sbin/{program}"], program=f"/usr/sbin/{program}")
    one = Guest([server], sockets=listening(21), files={path: text}).service()
    assert (one["kind"], one["document_root"], one["data"], one["logs"]) == ("ftp", root, data, logs)


def test_the_sites_of_nginx() -> None:
    text = """# configuration file /etc/nginx/nginx.conf:
http {
  server { listen 80 default_server; server_name shop.example www.shop.example; root /srv/shop; }
  server { listen [::]:8443 ssl; listen 0.0.0.0:8443; server_name _; location / { root /srv/office; } }
  server { listen unix:/run/x; location / { proxy_pass http://10.0.0.7:81; } }
}
"""
    nginx = Process(9, ["nginx: master process nginx"], program="/usr/sbin/nginx")
    one = Guest([nginx], nginx={"/usr/sbin/nginx": text}).service()
    assert one["document_root"] == "/srv/shop"
    assert one.get("sites") == [
        {"names": ["shop.example", "www.shop.example"], "ports": [80], "root": "/srv/shop"},
        {"names": [], "ports": [8443], "root": "/srv/office"},
        {"names": [], "ports": [], "root": None},
    ]


EUREKA = jar(**{"BOOT-INF/lib/spring-cloud-netflix-eureka-server-4.1.0.jar": ""})


def instance(address: str, port: int = 8081) -> dict[str, object]:
    return {
        "instanceId": "x", "hostName": "x", "ipAddr": address, "status": "UP", "port": {"$": port, "@enabled": "true"},
        "metadata": {"user.password": "tea"},
    }  # fmt: skip


def test_the_registry_of_eureka() -> None:
    applications = [
        {"name": "STOCK", "instance": instance("10.0.0.9", 8090)},  # one alone may be no list
        {"name": "GOODS", "instance": [instance("10.0.0.8"), instance("10.0.0.7")]},
    ]
    eureka = Process(50, ["java", "-jar", "/e.jar"], program=JAVA, jar=("/e.jar", EUREKA))
    guest = Guest([eureka], sockets=listening(8761))
    assert questions(look(guest.first())).registries == (8761,)
    assert [one["rule"] for one in guest.told()["findings"]] == ["registry_unreadable", "unknown_start"]
    for strange in ("", "<html>", "[1]", '{"applications": {"application": ["x"]}}'):
        guest.registries = {8761: strange}
        assert "registry" not in guest.service()
    guest.registries = {8761: json.dumps({"applications": {"application": applications}})}
    one = guest.service()
    assert [(each["application"], each["address"], each["port"]) for each in one.get("registry", [])] == [
        ("GOODS", "10.0.0.7", 8081), ("GOODS", "10.0.0.8", 8081), ("STOCK", "10.0.0.9", 8090),
    ]  # fmt: skip
    assert one["inbound"] == [{"address": f"10.0.0.{last}", "port": 8761, "source": "eureka"} for last in (7, 8, 9)]
    assert "tea" not in json.dumps(one)
    assert [each["rule"] for each in guest.told()["findings"]] == ["unknown_start"]


def test_what_a_jvm_writes() -> None:
    opened = ["/data/index/_0.cfs", "/srv/a/logs/access.txt", "/tmp/x", "/srv/a.pid", "/var/log/a/a.log"]
    process = Process(
        50, ["java", "-Xlog:gc*:file=/var/log/gc.txt:time", "-jar", "a.jar", "--logging.file.path=/srv/a/logs"],
        program=JAVA, directory="/srv/a", files=["/var/log/a/a.log"], written=opened,
    )  # fmt: skip
    settings = (
        "spring.datasource.url=jdbc:h2:file:/srv/a/db/shop\nshop.upload-dir=/mnt/nas/pictures/\n"
        "shop.upload.url=/api/upload\nshop.upload-path=${HOME}/x\n"
    )
    one = Guest([process], files={"/srv/a/application.properties": settings}).service()
    assert one["data"] == ["/data/index", "/mnt/nas/pictures", "/srv/a/db"]
    assert one["logs"] == ["/srv/a/logs", "/var/log/a/a.log", "/var/log/gc.txt"]


@pytest.mark.parametrize(
    "lines",
    [
        ["2: eth0    inet 10.0.0.5/24 brd 10.0.0.255 scope global eth0"],
        ["eth0  Link encap:Ethernet", "      inet addr:10.0.0.5  Bcast:10.0.0.255", "lo", "   inet addr:127.0.0.1"],
        ["inet 10.0.0.5", "inet 127.0.0.1"],
    ],
)
def test_addresses(lines: list[str]) -> None:
    assert Guest([], addresses=lines).told()["addresses"] == ["10.0.0.5"]
