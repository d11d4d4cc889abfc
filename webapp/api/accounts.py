"""Signing up, tokens, and who one is."""

from __future__ import annotations

from typing import Any

from flask_restful import Resource

from webapp.api.auth import caller
from webapp.api.operations import operation
from webapp.api.schemas.accounts import AccountOut, CredentialsIn, NewAccountOut, SignUpIn, TokenOut
from webapp.core.accounts import service as accounts
from webapp.errors import N_
from webapp.extensions import limiter
from webapp.people import bearer_token

# A class of thirty signs up at once from one address; a program that guesses passwords is still slowed down.
FEW = limiter.limit("60 per minute; 600 per hour")


class Accounts(Resource):
    """POST: sign up."""

    @FEW
    @operation(
        N_("새 계정을 만들어요."), body=SignUpIn, out=NewAccountOut, status=201, limited=True, refusals=(409,)
    )
    def post(self, body: dict[str, Any]) -> Any:
        account = accounts.sign_up(**body)
        values = {"id": account.id, "name": account.name, "role": account.role}
        return {**values, "token": accounts.issue_token(account.id)}


class Sessions(Resource):
    """POST: get a token; DELETE: give it back."""

    @FEW
    @operation(
        N_("이름과 비밀번호로 토큰을 받아요."),
        body=CredentialsIn,
        out=TokenOut,
        status=201,
        limited=True,
        refusals=(401,),
    )
    def post(self, body: dict[str, Any]) -> Any:
        return {"token": accounts.issue_token(accounts.log_in(**body).id)}

    @operation(N_("지금 쓰는 토큰을 버려요."), status=204, role="reader")
    def delete(self) -> Any:
        accounts.revoke_token(bearer_token() or "")


class Me(Resource):
    """GET: who one is."""

    @operation(N_("내가 누구인지 알려 줘요."), out=AccountOut, role="reader")
    def get(self) -> Any:
        return caller()
