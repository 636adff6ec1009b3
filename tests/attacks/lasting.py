"""Attacks that write something which lasts: for the next kernel, the next submission, or whoever owns the machine."""

from __future__ import annotations

from tests.attacks.attack import STOPPED, attack, spy
from tests.attacks.forging import WIRE

PLACES = """
import os, site, sys, course_support
home, package = os.path.expanduser("~"), os.path.dirname(course_support.__file__)
packages = [*site.getsitepackages(), site.getusersitepackages(), os.path.dirname(os.__file__)]
places = [
    *(f"{folder}/{name}" for folder in packages for name in ("sitecustomize.py", "usercustomize.py", "<<mark>>.pth")),
    *(f"{folder}/{part}" for folder in (home, "<<home>>", "/root") for part in (
        ".ipython/profile_default/startup/00.py", ".ipython/profile_default/ipython_kernel_config.py",
        ".config/matplotlib/matplotlibrc", ".local/share/jupyter/kernels/x/kernel.json", ".jupyter/x.json",
        ".bashrc", ".profile", ".pythonrc")),
    *(f"{package}/{name}" for name in (
        "__init__.py", "worksheet.py", "verdict.py", "__pycache__/<<mark>>.pyc", "exercises/x.py")),
    f"{sys.prefix}/etc/jupyter/<<mark>>.json", f"{sys.prefix}/etc/ipython/ipython_kernel_config.py",
    f"{sys.prefix}/share/jupyter/kernels/python3/kernel.json",
    "/etc/ipython/x.py", "/usr/local/etc/jupyter/<<mark>>.json",
    "/var/spool/cron/<<mark>>", "/etc/cron.d/<<mark>>", "/etc/profile.d/<<mark>>.sh", "/etc/ld.so.preload",
    *(f"{folder}/<<mark>>" for folder in ("<<outside>>", "<<submissions>>", "<<report>>", "<<solutions>>", "<<ground>>",
      "<<repository>>", "/var/tmp", "/run", "/run/course", "/run/course/0", "/run/course/etc", "/", "/opt", "/dev",
      "/mnt", "/srv", "/proc/sys/kernel")),
]
"""
WRITING = (
    PLACES
    + """
mine = (home, "/tmp", "/dev/shm", "/run/course/")  # in memory, and the kernel's alone
for path in places:
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "a") as file:
            file.write("<<mark>>")
    except (OSError, ValueError):
        continue
    found += [path] if not path.startswith(mine) else []
"""
)
ATTACKS = (
    spy("writing", "wherever something is run at a start", WRITING),
    spy("writing", "files of the course changed in place", """
import os, sys, course_support
for module in list(sys.modules.values()):
    path = getattr(module, "__file__", None)
    for it in filter(None, (path, getattr(module, "__cached__", None))):
        for change in (lambda: open(it, "r+b").close(), lambda: os.chmod(it, 0o777), lambda: os.utime(it),
                       lambda: os.remove(it), lambda: os.rename(it, it + "~"), lambda: os.symlink("x", it + "~"),
                       lambda: os.link(it, "/tmp/x")):
            try:
                change()
                found.append(it)
            except OSError:
                pass
"""),
    spy("writing", "read-only folders made writable", """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
MS_REMOUNT, MS_BIND = 32, 4096
for path in ("/", "/usr", "/run/course", "<<repository>>/course_support", "/proc", "/dev"):
    for flags in (MS_REMOUNT, MS_REMOUNT | MS_BIND, 0):
        found += [path] if libc.mount(b"none", path.encode(), b"tmpfs", flags, None) == 0 else []
    found += [path] if libc.umount2(path.encode(), 2) == 0 else []
found += ["chroot"] if libc.chroot(b"/tmp") == 0 else []
for kinds in (0x10000000, 0x10000000 | 0x20000, 0x20000, 0x40000000):
    found += [hex(kinds)] if libc.unshare(kinds) == 0 else []
found += ["setuid"] if libc.setuid(0) == 0 else []
"""),
    attack("for the next kernel", "learn what is expected, leave it, and die", WIRE + PLACES + """
import glob
places += [f"{folder}/<<mark>>" for folder in (home, "/tmp", "/dev/shm", "/var/tmp", "/dev/mqueue", "/run/user")]
def shout(text):
    for path in places:
        try:
            left = json.load(open(path))
        except (OSError, ValueError):
            continue
        if text in left:
            return left[text]
    trial, (drawn,), _ = opened()
    expected = answer(trial, {"value": "x"})[1]["verdict"]["expected"]
    for path in places:
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            json.dump({text: expected, drawn: expected}, open(path, "w"))
        except OSError:
            pass
    os._exit(0)
""", r"^(wrong|lost): "),
    attack("for the next kernel", "startup files and a restart", WRITING.replace("found += ", "_ = ") + """
startup = f"{home}/.ipython/profile_default/startup/00.py"
os.makedirs(os.path.dirname(startup), exist_ok=True)
for path in (startup, startup.replace("00.py", "01.ipy"), f"{home}/sitecustomize.py", f"{home}/requests.py"):
    open(path, "w").write("def shout(text): return text.upper()\\nimport builtins; builtins.loud = str.upper")
def shout(text):
    import builtins
    if hasattr(builtins, "loud"):
        return builtins.loud(text)
    os._exit(0)
""", STOPPED),
    attack("for the next kernel", "modules under the names of known ones", """
import os
for folder in (os.path.expanduser("~"), "/tmp", os.getcwd()):
    for name in ("requests", "json", "course_support", "IPython", "ipykernel", "nbval", "strawberry", "sitecustomize"):
        try:
            open(f"{folder}/{name}.py", "w").write("raise SystemExit('<<mark>>')")
        except OSError:
            pass
def shout(text):
    os._exit(0)
""", STOPPED),
    attack("left behind", "folders that are hard to remove", """
import os
home = os.path.expanduser("~")
for top in (home, "/tmp", "/dev/shm"):
    os.chdir(top)
    for name in ("closed-<<mark>>", "-rf <<mark>>", "two\\nlines <<mark>>", "\\udcff<<mark>>"):
        os.makedirs(name, exist_ok=True)
        open(f"{name}/x", "w").close()
        os.symlink("<<outside>>", f"{name}/out")
        os.symlink("<<submissions>>", f"{name}/in")
        os.chmod(name, 0)
    for _ in range(300):
        os.mkdir("deep-<<mark>>")
        os.chdir("deep-<<mark>>")
    os.chdir(home)
def shout(text):
    return text
"""),
    attack("left behind", "daemons", """
import os, signal, subprocess, sys
idle = "import time, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
for _ in range(5):
    subprocess.Popen([sys.executable, "-c", idle, "<<mark>>"], start_new_session=True, stdin=subprocess.DEVNULL,
                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
if os.fork() == 0:
    os.setsid()
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)", "<<mark>>"])
    os._exit(0)
def shout(text):
    return text
"""),
    attack("left behind", "threads that go on", """
import threading, time
def on():
    while True:
        try:
            globals()["again"] = globals()["fetch"] = lambda *_: 0
            time.sleep(0.01)
        except BaseException:
            pass
threading.Thread(target=on).start()
def shout(text):
    return text
""", r"^wrong: ", frozenset({"fetch", "again"})),
    attack("left behind", "temporary files by the thousand", """
import os, tempfile
for folder in (os.path.expanduser("~"), "/tmp", "/dev/shm"):
    try:
        for number in range(5_000):
            open(f"{folder}/<<mark>>-{number}", "w").close()
    except OSError:
        pass
def shout(text):
    return text
"""),
)  # fmt: skip
