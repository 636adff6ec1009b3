"""Grading by root without a sandbox: as nobody, who must not get at the examiner's log."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course_support.sandbox import box
from tests.grading import tiny

SPY = """
import os
def shout(text):
    logs = []
    for folder, _, files in os.walk('/tmp'):
        logs += [name for name in files if name.startswith("log.json")]
    return f"{os.getuid()} {os.access(os.path.dirname(os.environ['HOME']) + '/log', os.R_OK)} {logs}"
"""
DRIVER = """
import json, sys
sys.path.insert(0, sys.argv[1])
from course_support.grading import isolation, reference
from course_support.grading.assemble import Sheet
from course_support.grading.run import run
from tests.grading import tiny
known = reference.reference("09_tiny", tiny.solutions(), tiny.CATALOGUE)
right = {item.name: item.solution for item in known.items}
done = run(Sheet(known, right | {"tiny.shout": sys.argv[2]}), "seed", tiny.SETTINGS)
found = {name: [result.entry["outcome"], result.entry["verdict"]["seen"]] for name, result in done.results.items()}
print(json.dumps([done.isolation, isolation.probe().text, found]))
"""


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_root_without_a_sandbox_grades_as_nobody(tmp_path):
    project = Path(tiny.__file__).parents[2]
    # a machine on which everybody can read Python and the course, and which has no bwrap
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("sh", "env"):
        (programs / name).symlink_to(shutil.which(name))
    layer = box._beneath(tmp_path, [project / "tests"])
    command = [*layer, "--setenv", "PATH", str(programs), sys.executable, "-c", DRIVER, str(project), SPY]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert not done.returncode, done.stderr
    level, text, found = json.loads(done.stdout)
    assert level == "user"
    assert "without rights" in text
    assert found.pop("tiny.shout") == ["wrong", f"{box.somebody()[0]} False []"]
    assert {outcome for outcome, _ in found.values()} == {"passed"}
