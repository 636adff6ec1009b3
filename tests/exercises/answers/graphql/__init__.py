"""Answers to the GraphQL exercises, a module for each module of exercises or more."""

from tests.exercises.answers.graphql import (
    asking,
    asking_safely,
    changing,
    following,
    following_amiss,
    paging,
    photos,
    predicting,
    predicting_codes,
    programme,
    resolving,
    resolving_amiss,
)

MODULES = (
    asking,
    asking_safely,
    changing,
    following,
    following_amiss,
    paging,
    photos,
    predicting,
    predicting_codes,
    programme,
    resolving,
    resolving_amiss,
)
