"""The manifests for Kubernetes: valid by its schemas, and each part fits the others."""

import json
import os
import subprocess

import pytest
import yaml

from tests.experiments import ROOT

FOLDER = ROOT / "tools" / "kubernetes"
FILES = ("job.yaml", "volumes.yaml")
OLDEST = "1.33"
"""The first version in which backoffLimitPerIndex is no longer a feature under test."""


def documents(name):
    return list(yaml.safe_load_all((FOLDER / name).read_text()))


def the(kind):
    (found,) = (document for document in documents("job.yaml") if document["kind"] == kind)
    return found


JOB = the("Job")["spec"]
POD = JOB["template"]["spec"]
(CONTAINER,) = POD["containers"]
LABELS = JOB["template"]["metadata"]["labels"]
ENVIRONMENT = {entry["name"]: entry.get("value") for entry in CONTAINER["env"]}


@pytest.mark.parametrize("document", [d for name in FILES for d in documents(name)],
                         ids=lambda d: f"{d['kind']}-{d['metadata']['name']}")  # fmt: skip
@pytest.mark.parametrize("version", [OLDEST, None], ids=["oldest", "newest"])
def test_a_manifest_is_valid(document, version):
    kubernetes_validate = pytest.importorskip("kubernetes_validate")
    version = version or kubernetes_validate.latest_version()
    kubernetes_validate.validate(document, version, strict=True)


def test_a_misspelled_key_is_not_valid():
    kubernetes_validate = pytest.importorskip("kubernetes_validate")
    job = the("Job")
    job["spec"]["backofLimitPerIndex"] = 1
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(job, OLDEST, strict=True)


def test_all_workers_run_at_once():
    assert JOB["completionMode"] == "Indexed"
    assert JOB["completions"] == JOB["parallelism"] == int(ENVIRONMENT["WORKERS"])


def test_the_limit_of_retries_is_one_that_indexes_can_have():
    assert JOB["backoffLimitPerIndex"] > 0
    assert POD["restartPolicy"] == "Never"  # Kubernetes refuses any other one with that limit
    assert "podFailurePolicy" not in JOB  # a pod of a dead node would not be replaced


def test_the_service_gives_the_pods_their_names():
    service = the("Service")
    assert service["metadata"]["name"] == POD["subdomain"] == ENVIRONMENT["SERVICE"]
    assert service["spec"]["clusterIP"] == "None"
    assert service["spec"]["publishNotReadyAddresses"]


def test_service_policy_and_affinity_mean_the_pods_of_the_job():
    policy = the("NetworkPolicy")["spec"]
    (allowed,) = policy["ingress"]
    (preferred,) = POD["affinity"]["podAntiAffinity"][
        "preferredDuringSchedulingIgnoredDuringExecution"
    ]
    assert the("Service")["spec"]["selector"] == LABELS
    assert policy["podSelector"]["matchLabels"] == LABELS
    assert allowed["from"] == [{"podSelector": {"matchLabels": LABELS}}]
    assert preferred["podAffinityTerm"]["labelSelector"]["matchLabels"] == LABELS


def test_the_volumes_exist_and_many_nodes_can_mount_them():
    claims = {claim["metadata"]["name"]: claim["spec"] for claim in documents("volumes.yaml")}
    mounted = {volume["name"]: volume for volume in POD["volumes"]}
    assert {mount["name"] for mount in CONTAINER["volumeMounts"]} == set(mounted)
    used = [v["persistentVolumeClaim"]["claimName"] for v in mounted.values()
            if "persistentVolumeClaim" in v]  # fmt: skip
    assert sorted(used) == sorted(claims)
    assert all(claim["accessModes"] == ["ReadWriteMany"] for claim in claims.values())


def test_flags_name_directories_that_are_mounted():
    flags = dict(argument.partition("=")[::2] for argument in CONTAINER["args"])
    mounts = {mount["mountPath"] for mount in CONTAINER["volumeMounts"]}
    assert {flags["--workdir"], flags["--data_dir"]} <= mounts
    assert flags["--strategy"] == "multi_worker"
    assert (ROOT / flags["--flagfile"]).is_file()


def run_as_pod(folder, workers, index):
    """Run the command of the pod with a stand-in for Python; return what that receives."""
    stand_in = folder / "python"
    stand_in.write_text('#!/bin/sh\nprintf "%s\\n" "$TF_CONFIG" "$@"\n')
    stand_in.chmod(0o755)
    environment = {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        **{name: value for name, value in ENVIRONMENT.items() if value},
        "WORKERS": str(workers),
        "JOB_NAME": the("Job")["metadata"]["name"],
        "JOB_COMPLETION_INDEX": str(index),
    }
    command = [*CONTAINER["command"], *CONTAINER["args"]]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    config, *arguments = answer.stdout.splitlines()
    return json.loads(config), arguments


def test_a_pod_knows_all_workers_and_which_of_them_it_is(tmp_path):
    config, _ = run_as_pod(tmp_path, workers=3, index=1)
    assert config == {
        "cluster": {"worker": ["nac-0.nac:2222", "nac-1.nac:2222", "nac-2.nac:2222"]},
        "task": {"type": "worker", "index": 1},
    }


def test_a_single_worker_is_a_cluster_too(tmp_path):
    config, _ = run_as_pod(tmp_path, workers=1, index=0)
    assert config["cluster"] == {"worker": ["nac-0.nac:2222"]}


def test_a_pod_becomes_the_command_of_the_image(tmp_path):
    _, arguments = run_as_pod(tmp_path, workers=2, index=0)
    entry = (ROOT / "Dockerfile").read_text().rpartition('ENTRYPOINT ["python", "')[2]
    assert arguments == [entry.partition('"')[0], *CONTAINER["args"]]


def test_a_pod_has_the_name_of_its_job_from_kubernetes():
    (source,) = (entry["valueFrom"] for entry in CONTAINER["env"] if entry["name"] == "JOB_NAME")
    path = "metadata.labels['batch.kubernetes.io/job-name']"
    assert source == {"fieldRef": {"fieldPath": path}}
