# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rules of findings, in words: what each means for the people who have to settle it."""

from __future__ import annotations

from .markup import Text

SEVERITIES = {
    "blocker": Text("Blocker", "阻碍"),
    "warning": Text("Warning", "警告"),
    "information": Text("Information", "提示"),
}

_RULES = {
    "address_taken": Text("An address that a node needs is in use", "节点要用的地址已被占用"),
    "cluster_crowded": Text("A cluster that could not lose a host meanwhile", "迁移期间集群无法承受损失一台主机"),
    "data_stays_behind": Text("Data that would not come along", "数据不会随服务迁移"),
    "different_builds": Text("Different builds of one service", "同一服务的构建不一致"),
    "duplicate_name": Text("Several guests have one name", "多台虚拟机同名"),
    "front_door_unknown": Text("No upstream was found in the front door", "入口配置中找不到上游"),
    "front_door_unreadable": Text("The front door could not be read", "无法读取入口"),
    "guest_disconnected": Text("vCenter does not reach the guest", "vCenter 连接不到虚拟机"),
    "guest_not_read": Text("A guest that nobody looked into", "虚拟机尚未读取"),
    "guest_stays": Text("Something else stays on the guest", "虚拟机上还有其他服务留下"),
    "guest_suspended": Text("The guest is suspended", "虚拟机已挂起"),
    "guest_unreadable": Text("A guest could not be read", "无法读取虚拟机"),
    "hardcoded_address": Text("An address is written into the configuration", "配置中写死了地址"),
    "independent_disk": Text("A disk that snapshots leave out", "快照不包含的独立磁盘"),
    "java_changes": Text("It will run on a newer Java", "将在更新的 Java 上运行"),
    "java_too_new": Text("No image has so new a Java", "没有如此新版 Java 的镜像"),
    "java_too_old": Text("A Java too old for containers", "Java 版本太旧，不适合容器"),
    "java_unknown": Text("Its Java is not known", "Java 版本未知"),
    "localhost_dependency": Text("Another service is reached at localhost", "通过 localhost 访问其他服务"),
    "mac_address": Text("A MAC address in the settings: a licence, perhaps", "配置中有 MAC 地址，可能绑定许可证"),
    "no_port": Text("A service listens on no port", "服务没有监听端口"),
    "no_room_there": Text("The workers that a service asks for have no room for it", "服务要求的工作节点放不下它"),
    "no_spare_node": Text("No spare node with the labels that it asks for", "没有带所需标签的备用节点"),
    "no_such_node": Text("No worker carries the labels that a service asks for", "没有工作节点带有服务要求的标签"),
    "no_tools": Text("VMware Tools do not run", "VMware Tools 没有运行"),
    "node_name_taken": Text("A VM already has the name of a node", "节点的名称已被其他虚拟机使用"),
    "nodes_in_stages": Text("Nodes that stand only after a wave has made room", "某一波次腾出空间后才能建立的节点"),
    "not_privileged": Text("Read without root: some facts may be missing", "没有 root 权限，事实可能不全"),
    "passthrough": Text("A device of the host is passed through to the guest", "宿主机设备直通给虚拟机"),
    "privileged_port": Text("A port below 1024", "使用 1024 以下的端口"),
    "raw_device_mapping": Text("Disks that are LUNs of a storage", "裸设备映射（RDM）磁盘"),
    "registry_unreadable": Text("Eureka's registry could not be read", "无法读取 Eureka 注册表"),
    "service_unknown": Text("The document names a service that was not found", "文档中的服务没有被找到"),
    "shared_disk": Text("A disk is shared with another VM", "与其他虚拟机共享磁盘"),
    "snapshot": Text("The guest has snapshots", "虚拟机有快照"),
    "unknown_start": Text("Nothing was found that starts a service", "找不到启动服务的方式"),
    "unreadable_guest": Text("A guest could not be read", "无法读取虚拟机"),
    "usb": Text("A USB device is plugged into the guest", "虚拟机插有 USB 设备"),
    "war_in_tomcat": Text("A web application in a Tomcat", "Tomcat 中的 Web 应用"),
    "wave_before_caller": Text("A service is to move before one that calls it", "服务被安排在调用它的服务之前迁移"),
    "web_applications": Text("What a Tomcat serves", "Tomcat 提供的应用"),
    "wider_than_socket": Text("A node is larger than a socket of its host", "节点大于主机的单个 CPU 插槽"),
    "writes_working_directory": Text("Files are written into the working directory", "向工作目录写文件"),
}


def rule_title(rule: str) -> Text:
    """What a rule is about; a rule that has no words yet is shown by its id."""
    plain = rule.replace("_", " ").capitalize()
    return _RULES.get(rule, Text(plain, plain))
