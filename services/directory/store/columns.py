"""Columns as this service writes them: lists of text, plain documents, and text held to a list of words."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field


def texts() -> Any:
    """A list of texts, empty unless given. (`Any` because that is what a field's default must be to a type checker.)"""
    return Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))


def documents() -> Any:
    """A list of small documents that are only ever read and written whole."""
    return Field(default_factory=list, sa_column=Column(JSONB, nullable=False))


def one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    """Text with a CHECK rather than a database enum: a new word must not need ALTER TYPE."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")
