"""HTTP for programs on this machine and for dashboards: control of the daemon, XP, giveaways.

It answers on a Unix socket, and on TCP only where that is configured, and only with a token.
"""
