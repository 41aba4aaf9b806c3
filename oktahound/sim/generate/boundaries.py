"""Generate group rules, hooks, log streams, network zones, AI agents and service accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oktahound.sim.org import SimulatedOrg

__all__ = ["add_boundaries"]


def add_boundaries(
    org: SimulatedOrg, user_ids: list[str], apps: dict[str, str], groups: dict[str, str]
) -> None:
    """Add group rules, hooks, log streams, network zones, AI agents, MCP servers and service accounts."""
    org.add_group_rule(
        "Sales by department",
        'user.department=="Sales"',
        groups=[groups["Sales"]],
        excluded_users=user_ids[:1],
    )
    org.add_group_rule(
        "Former contractors", 'user.userType=="Contractor"', groups=[groups["Sales"]], status="INACTIVE"
    )
    org.add_inline_hook("Roles for Office", apps=[apps["office365"]])
    org.add_inline_hook("Old passwords", type="com.okta.user.credential.password.import", oauth=True)
    enrich = org.add_inline_hook("Order claims", type="com.okta.oauth2.tokens.transform")
    org.add_inline_hook("Names from HR", type="com.okta.import.transform", imports=[apps["active_directory"]])
    org.add_inline_hook("Codes by our provider", type="com.okta.telephony.provider")
    partners = org.add_inline_hook("Partners who register", type="com.okta.user.pre-registration")
    org.add_event_hook("Joiners to HR")
    servers = list(org.world["authorization_servers"])
    org.add_token_policy(servers[0], "Everybody")
    org.add_token_policy(servers[-1], "Order service", hook=enrich)
    org.add_log_stream("To AWS")
    splunk = {"edition": "aws", "host": "acme.splunkcloud.com"}
    org.add_log_stream("To Splunk", type="splunk_cloud_logstreaming", settings=splunk)
    offices = org.add_network_zone("Offices", "192.0.2.0/24", "198.51.100.0/24")
    org.add_network_zone("Blocked", "203.0.113.0/24", usage="BLOCKLIST")
    _policy_rules(org, offices, partners)
    assistant = org.add_ai_agent(
        "Order assistant",
        app=apps["web"],
        servers=servers[:1],
        owners=[*user_ids[:1], groups["Sales"]],
        keys=2,
    )
    org.add_ai_agent("Trial", status="STAGED")
    tools = org.add_mcp_server("Order tools", client=True)
    org.add_mcp_server("Weather", uri="https://weather.example.com/mcp?key=1", status="INVALID")
    org.connect_workload(assistant, mcp_server=tools)
    org.connect_workload(tools, server=servers[-1])
    org.add_delegation_link(apps["web"], assistant)
    org.add_delegation_link(assistant, tools)
    for user in user_ids[9:10]:
        account = org.add_service_account("Nightly export", user, owners=user_ids[:1])
        org.connect_workload(assistant, account=account)


def _policy_rules(org: SimulatedOrg, offices: str, partners: str) -> None:
    """Restrict the Admin Console to the offices, and let a hook decide about registrations."""
    policies = {
        (policy["type"], policy["name"]): policy["id"] for policy in org.world["policies"].documents()
    }
    console = policies["ACCESS_POLICY", "Okta Admin Console"]
    org.add_policy_rule(
        console,
        "From the offices",
        type="ACCESS_POLICY",
        actions={"appSignOn": {"access": "ALLOW"}},
        conditions={"network": {"connection": "ZONE", "include": [offices]}},
    )
    denied = {"appSignOn": {"access": "DENY"}}
    org.add_policy_rule(console, "Catch-all Rule", type="ACCESS_POLICY", system=True, actions=denied)
    org.add_policy_rule(
        policies["PASSWORD", "Default Policy"],
        "Default Rule",
        type="PASSWORD",
        system=True,
        actions={"passwordChange": {"access": "ALLOW"}},
        conditions={"network": {"connection": "ZONE", "exclude": [offices]}},
    )
    org.add_policy_rule(
        policies["PROFILE_ENROLLMENT", "Default Enrollment"],
        "Partners",
        type="PROFILE_ENROLLMENT",
        actions={
            "profileEnrollment": {
                "access": "ALLOW",
                "unknownUserAction": "REGISTER",
                "progressiveProfilingAction": "DISABLED",
                "preRegistrationInlineHooks": [{"inlineHookId": partners}],
                "targetGroupIds": None,
            }
        },
    )
