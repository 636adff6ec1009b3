"""Settings of the notebook kernel, installed as `etc/ipython/ipython_kernel_config.py`.

JupyterLab writes the kernel's exact Python version into every notebook that it opens. A lesson that was saved under
another version would count as changed before anybody has touched it, so the kernel tells the major version only.
"""

from ipykernel.ipkernel import IPythonKernel

IPythonKernel.language_info["version"] = "3"
