"""Mistakes in the use of oktahound that type checkers must report. This file is never run.

Each line ignores the expected error, and mypy reports an ignore that is not needed.
"""

from __future__ import annotations

import oktahound

token = oktahound.ApiToken("00...")
oktahound.OktaClient("https://contoso.okta.com", "00...")  # type: ignore[arg-type]
oktahound.OktaClient("https://contoso.okta.com", token, retries=3)  # type: ignore[call-arg]
client = oktahound.OktaClient("https://contoso.okta.com", token)
oktahound.collect(client, only=[7])  # type: ignore[list-item]
snapshot = oktahound.collect(client)
snapshot.users[0].login.lower()  # type: ignore[union-attr]
snapshot.users = snapshot.users  # type: ignore[misc]
oktahound.User(id="00u", login="ann").id = "00v"  # type: ignore[misc]
oktahound.User(login="ann")  # type: ignore[call-arg]
oktahound.build_graph(client)  # type: ignore[arg-type]
