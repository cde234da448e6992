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
    "different_builds": Text("Different builds of one service", "同一服务的构建不一致"),
    "duplicate_name": Text("Several guests have one name", "多台虚拟机同名"),
    "front_door_unknown": Text("No upstream was found in the front door", "入口配置中找不到上游"),
    "front_door_unreadable": Text("The front door could not be read", "无法读取入口"),
    "guest_not_read": Text("A guest that nobody looked into", "虚拟机尚未读取"),
    "guest_stays": Text("Something else stays on the guest", "虚拟机上还有其他服务留下"),
    "guest_unreadable": Text("A guest could not be read", "无法读取虚拟机"),
    "hardcoded_address": Text("An address is written into the configuration", "配置中写死了地址"),
    "no_port": Text("A service listens on no port", "服务没有监听端口"),
    "no_room_there": Text("The workers that a service asks for have no room for it", "服务要求的工作节点放不下它"),
    "no_such_node": Text("No worker carries the labels that a service asks for", "没有工作节点带有服务要求的标签"),
    "node_name_taken": Text("A VM already has the name of a node", "节点的名称已被其他虚拟机使用"),
    "not_privileged": Text("Read without root: some facts may be missing", "没有 root 权限，事实可能不全"),
    "service_unknown": Text("The document names a service that was not found", "文档中的服务没有被找到"),
    "unreadable_guest": Text("A guest could not be read", "无法读取虚拟机"),
}


def rule_title(rule: str) -> Text:
    """What a rule is about; a rule that has no words yet is shown by its id."""
    plain = rule.replace("_", " ").capitalize()
    return _RULES.get(rule, Text(plain, plain))
