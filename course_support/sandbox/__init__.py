"""Runs strangers' notebooks: kernels that can reach nothing but the examiner beside them, forked from a warm process.

On Linux, bubblewrap lays out what can be seen at all (`box`), fork servers inside it (`zygote`) hold the libraries
warm, and each kernel gets namespaces, limits and a filter of its own (`kernel`). pytest and nbval run inside the box as
well (`session`), and reach the kernels through a provisioner of Jupyter's (`provisioner`).
"""
