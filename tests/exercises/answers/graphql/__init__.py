"""Answers to the GraphQL exercises, a module for each module of exercises."""

from tests.exercises.answers.graphql import (
    asking,
    changing,
    following,
    paging,
    photos,
    predicting,
    predicting_codes,
    programme,
    resolving,
)

MODULES = (asking, changing, following, paging, photos, predicting, predicting_codes, programme, resolving)
