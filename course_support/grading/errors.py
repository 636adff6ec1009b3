"""What stops the grading of a whole class; what is wrong with one submission is a row in the report instead."""

from course_support.errors import CourseError


class GradingError(CourseError):
    """No grade would be right: nothing was handed in, or the course's own solutions do not pass here."""
