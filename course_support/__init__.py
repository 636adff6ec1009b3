"""The support library of a course on API architectures: real servers in the kernel, their traffic, and exercises."""

from course_support import views
from course_support.errors import CourseError
from course_support.server import Server, serve
from course_support.worksheet import worksheet

__all__ = ["CourseError", "Server", "serve", "worksheet"]

if hasattr(views, "install"):
    views.install()
