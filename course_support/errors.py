"""The course's own errors: one sentence each, saying what to do."""


class CourseError(Exception):
    """The root of what the course raises."""
