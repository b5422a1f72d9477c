"""A plain service in front of the same table, as many applications have one: FastAPI and SQLAlchemy's async engine, one row a
POST. Run by produce.sh with uvicorn, two processes, four connections each."""
import os

from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine(os.environ["BENCH_SERVICE_DSN"], pool_size=4, max_overflow=0)
insert = text(
    "INSERT INTO bench.floor (id, tenant_id, user_id, type, title, message, data, link, channel, urgency) "
    "VALUES (nightbell.uuidv7(), CAST(:tenant AS uuid), CAST(:user AS uuid), :type, :title, :message, CAST(:data AS jsonb), "
    ":link, 'in_app', 'normal') RETURNING CAST(id AS text)")
app = FastAPI()


class Notification(BaseModel):
    tenant: str
    user: str
    type: str
    title: str
    message: str
    data: str
    link: str


@app.post("/notify")
async def notify(notification: Notification):
    async with engine.begin() as connection:
        return {"id": (await connection.execute(insert, notification.dict())).scalar_one()}
