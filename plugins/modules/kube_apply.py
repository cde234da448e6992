#!/usr/bin/python
# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects into a Kubernetes cluster."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kube_apply
short_description: Put a list of objects into a Kubernetes cluster
version_added: 1.0.0
author: Landfall authors (@landfall)
description:
  - Applies a whole list of objects with server-side apply, in an order that works and in parallel, and waits until
    they are ready. A role hands over its objects once; there is nothing to loop over.
  - Admission policies and their bindings are written before what they rule, and hold for it; so are the objects that
    they take as parameters. Check mode cannot predict what policies of the same call will refuse.
  - A task counts as changed only where a field that this manager owns gets another value, whatever others do to the
    objects at the same time. The same rule holds in check mode, which also predicts objects whose namespace or custom
    resource definition the same call would create.
  - Everything that is wrong with the list itself is told at once, before anything is written, fields that a kind does
    not have and values of a wrong type included. What only the server can judge is told for all objects that were
    tried; they come in waves, and after a wave with a refusal nothing more is written.
  - With a local connection it runs inside Ansible's own worker and costs milliseconds; over any other connection it
    runs on that host, which then needs the Python packages below.
options:
  resources:
    description:
      - The objects, a list of mappings; or YAML text of one or several documents. Objects of kind C(List) are taken
        apart.
      - C(stringData) of a Secret is turned into C(data), so that a key that goes away there goes away in the cluster.
    type: raw
  src:
    description:
      - A YAML or JSON file of objects, or a directory whose C(*.yaml), C(*.yml) and C(*.json) files are read in the
        order of their names; looked for like the C(src) of M(ansible.builtin.copy), always on the controller.
    type: path
  append_hash:
    description:
      - Give every ConfigMap and Secret of the list a name that tells its content, as C(kubectl create --append-hash)
        does, and the new names to what refers to them in the same namespace of the list. That is pods and their
        templates, ServiceAccounts and the C(tls) of Ingresses. So pods are made anew when their configuration changes,
        and the old ones keep what they started with.
      - What was there under an older name stays; O(prune) removes it. Secrets that a controller looks for by their
        name keep it, as those of type V(kubernetes.io/service-account-token) do.
    type: bool
    default: false
  flavour:
    description:
      - With V(openshift), a Namespace that is not there is asked for as a project, as the users of an OpenShift cluster
        must do it, and whoever may not see namespaces finds his own among his projects. Nothing else is different.
    type: str
    choices: [kubernetes, openshift]
    default: kubernetes
  routes:
    description:
      - Write a Route of OpenShift for each path of each Ingress of the list, in its place. What no Route can say is
        refused. The certificate of a C(secretName) is given to the router by reference, which OpenShift 4.19 and later
        understand.
    type: bool
    default: false
  state:
    description:
      - Whether the objects shall be there as given, or not at all.
    type: str
    choices: [present, absent]
    default: present
  field_manager:
    description:
      - The name under which fields are owned. A field that is taken out of the list goes away if nobody else owns it.
    type: str
    default: landfall
  on_conflict:
    description:
      - What to do about fields that another manager owns with another value. V(fail) names the fields and managers,
        V(force) takes the fields.
      - V(migrate) takes over what client-side tools own (C(kubectl apply), M(kubernetes.core.k8s)), by handing their
        ownership to O(field_manager) and removing their last-applied annotation before it applies. What they wrote and
        the list does not name goes away, which V(force) leaves behind for ever. Fields of all other managers make it
        fail as V(fail) does. Each object changes hands once, which counts as a change.
    type: str
    choices: [fail, force, migrate]
    default: fail
  recreate:
    description:
      - Whether an object is deleted and made anew where a field is to change that cannot be changed. Without it the
        task fails and says so.
      - Never done to Namespaces, PersistentVolumeClaims, PersistentVolumes and CustomResourceDefinitions, nor to
        StatefulSets that take their volumes with them, since data would go; nor where an admission policy would not let
        the new object in.
      - The new object is made once the old one is gone, for which O(wait_timeout) seconds are given.
    type: bool
    default: false
  preflight:
    description:
      - Whether everything is tried before the first object is written. First the server is asked for every right that
        the task needs, so that all that are missing are told at once; then all objects are written by a dry run, so
        that a refusal of the last one (by a policy, a quota, or as invalid) is known in time.
      - It doubles the requests. Objects whose namespace or kind the same call makes cannot be tried.
    type: bool
    default: false
  return_objects:
    description:
      - Whether the objects themselves are returned, without their managedFields; values of Secrets and of
        O(sensitive_fields) are hidden.
    type: bool
    default: false
  applyset:
    description:
      - A set that the objects belong to, an ApplySet as the Kubernetes enhancement 3659 specifies it. Its parent is a
        Secret that names the kinds and namespaces of the set, and that is told as one of the objects; the objects get
        the label C(applyset.kubernetes.io/part-of). C(kubectl apply --prune --applyset) keeps sets of the same kind.
      - An object of another set is refused unless O(on_conflict=force), and so is a set that another tool keeps.
    type: dict
    suboptions:
      name:
        description:
          - Name of the parent Secret; it must be free, or that of this set.
        type: str
        required: true
      namespace:
        description:
          - Namespace of the parent, which may be one that this call makes.
        type: str
        required: true
      tooling:
        description:
          - The tool that keeps the set, and its version. Whoever shall keep a set together with another tool says the
            same as it, such as V(kubectl/v1.36.4).
        type: str
        default: landfall/v1.0.0
  prune:
    description:
      - Whether objects of O(applyset) that are not in the list any more are deleted, after everything else is written
        and ready, users before what they use. An empty list deletes all of the set.
      - What a controller has made out of a member, and what is being deleted already, is left alone.
    type: bool
    default: false
  wait:
    description:
      - Wait until Deployments, StatefulSets, DaemonSets, ReplicaSets, Jobs, Pods, PersistentVolumeClaims, APIServices,
        CustomResourceDefinitions, Routes and Services of type LoadBalancer are ready, or for O(state=absent) until the
        objects are gone. A claim whose storage class waits for the first pod is not waited for before that.
      - It ends early where waiting is of no use, as where a rollout exceeds its deadline, where an image cannot be
        pulled or a container not be created for half a minute, or where one crashes again and again. A failure that
        mends itself before that is none. Then, and where time is over, the error says what the pods complain of and
        what they wrote last.
      - Admission policies that were changed are given two seconds, after which every API server applies them.
    type: bool
    default: true
  wait_for:
    description:
      - What shall be waited for besides, of objects in the list. With O(wait=false) it is all that is waited for.
      - A status counts only where it speaks of the object as it is now (C(observedGeneration)).
    type: list
    elements: dict
    default: []
    suboptions:
      kind:
        description:
          - The kind of the objects; all of it in the list are meant, unless the following say more.
        type: str
        required: true
      api_version:
        description:
          - Its group and version, where kinds of several groups have that name. The version does not count.
        type: str
      name:
        description:
          - The name of the one that is meant.
        type: str
      namespace:
        description:
          - The namespace of those that are meant.
        type: str
      condition:
        description:
          - A condition of the status.
        type: dict
        suboptions:
          type:
            description:
              - Its type, V(Ready).
            type: str
            required: true
          status:
            description:
              - The status that it shall have.
            type: str
            default: "True"
          reason:
            description:
              - The reason that it shall have.
            type: str
      jmespath:
        description:
          - A JMESPath expression over the object, in place of O(wait_for[].condition).
        type: str
      value:
        description:
          - What the expression shall find. Without it, anything but nothing and V(false).
        type: raw
  wait_timeout:
    description:
      - Seconds that each wait may take.
    type: int
    default: 300
  workers:
    description:
      - Requests at a time; more help where the API server is far away.
    type: int
    default: 8
  sensitive_fields:
    description:
      - Fields whose values are as secret as those of Secrets, which always are. They are hidden in the diff, in the
        result and in messages; whether they change stays visible.
    type: list
    elements: dict
    default: []
    suboptions:
      kind:
        description:
          - The kind that has the field.
        type: str
        required: true
      api_version:
        description:
          - Its group and version, where kinds of several groups have that name. The version does not count.
        type: str
      path:
        description:
          - The way to the field, V(spec.admin.password), V(spec.users[].password), V(data.*). What is inside the
            field is hidden with it. A key with other characters than letters, digits, V(-) and V(_) stands in quotes.
        type: str
        required: true
extends_documentation_fragment:
  - landfall.replatform.kube
requirements:
  - jmespath >= 1.0.1, where O(wait_for[].jmespath) is given
attributes:
  check_mode:
    support: full
    description:
      - What would change is told without changing anything, by a dry run in the API server. Where the kubeconfig does
        not exist, the cluster does not yet either; then everything would be created, with a warning that says so.
  diff_mode:
    support: full
    description: Shows the fields that this manager owns; values of Secrets are hidden.
"""

EXAMPLES = r"""
- name: A namespace with a configuration
  landfall.replatform.kube_apply:
    kubeconfig: sites/mall/kubeconfig
    resources:
      - apiVersion: v1
        kind: Namespace
        metadata: {name: mall-trade}
      - apiVersion: v1
        kind: ConfigMap
        metadata: {name: colours, namespace: mall-trade}
        data: {sky: blue}

- name: Everything in a directory of manifests
  landfall.replatform.kube_apply:
    src: sites/mall/manifests/goods
    wait_timeout: 600

- name: A custom resource with a password in it, until its operator has done its work
  landfall.replatform.kube_apply:
    src: sites/mall/manifests/realm.yml
    wait_for:
      - kind: Realm
        condition: {type: Done}
      - kind: Realm
        jmespath: status.phase
        value: Running
    sensitive_fields:
      - kind: Realm
        path: spec.users[].password
"""

RETURN = r"""
objects:
  description: What became of each object, in the order of writing.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: Its kind.
      type: str
      returned: always
    namespace:
      description: Its namespace; empty where it has none.
      type: str
      returned: always
    name:
      description: Its name.
      type: str
      returned: always
    action:
      description: One of C(created), C(configured), C(recreated), C(unchanged), C(deleted), C(absent).
      type: str
      returned: always
    seconds:
      description: How long its request took; next to nothing where none was needed.
      type: float
      returned: always
    object:
      description: The object as it is afterwards, in check mode as it would be.
      type: dict
      returned: with O(return_objects), unless it is gone
summary:
  description: The same in one line.
  returned: success
  type: str
  sample: 2 created, 14 unchanged
problems:
  description: What is wrong, where, and what would be right.
  returned: failure
  type: list
  elements: dict
conflicts:
  description: The fields that other managers own, one by one.
  returned: failure because of them
  type: list
  elements: dict
  contains:
    object:
      description: Kind, namespace and name of the object.
      type: str
      returned: always
      sample: ConfigMap mall-trade/colours
    field:
      description: The path of the field.
      type: str
      returned: always
      sample: .data.sky
    manager:
      description: Who owns it.
      type: str
      returned: always
      sample: kubectl-edit
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_apply import result_of, run_task
from ansible_collections.landfall.replatform.plugins.module_utils.clients.kube_files import documents_of
from ansible_collections.landfall.replatform.plugins.module_utils.core.mask import secret_values, sensitive_of
from ansible_collections.landfall.replatform.plugins.module_utils.core.wish import ARGUMENTS, RULES
from ansible_collections.landfall.replatform.plugins.module_utils.module import KUBE_ARGUMENTS, Outcome, run


def main() -> None:
    module = AnsibleModule(argument_spec={**KUBE_ARGUMENTS, **ARGUMENTS}, supports_check_mode=True, **RULES)

    def verb(params: dict[str, Any], check: bool) -> Outcome:
        # the invocation, which verbose output shows, holds what the task was given
        bodies = [body for _where, body in documents_of(params["resources"], None) if isinstance(body, dict)]
        module.no_log_values.update(secret_values(bodies, sensitive_of(params["sensitive_fields"])[0]))
        report = run_task(params, check=check)
        return Outcome(report.changed, warnings=report.warnings, values=result_of(report, diff=module._diff))

    run(module, verb)


if __name__ == "__main__":
    main()
