"""Scenario and its parts as frozen types that refuse unknown keys (rules M7, S)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Part(BaseModel):
    """Common settings of every part: frozen, unknown keys refused, every part cites its evidence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Evidence(Part):
    """Where an assumption comes from."""

    source: str = Field(description="Publisher and title, or `assumed` with the reason.")
    date: date | None = Field(default=None, description="Date of the source.")
    page: str = Field(default="", description="Page, section, article or row.")
    url: str = Field(default="", description="Address, where public.")
    grade: Literal["observed", "reported", "estimated", "assumed"] = "assumed"


class Range(Part):
    """A number with its range; the central value is used alone, the range is drawn from."""

    central: float
    low: float
    high: float


class ProfilePoint(Part):
    """From `week` after the start on, the permission is `permission` (until the next point)."""

    week: int = Field(ge=0)
    permission: Share
