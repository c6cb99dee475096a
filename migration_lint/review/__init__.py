"""Findings as comments on a code host: what a change asks for, where it is reviewed.

The report is made elsewhere, by a run that has the change and no token; this one has a token and no change.
Nothing in the report chooses where anything is sent.

    report      JSON of `check` → findings and patches, held to limits
    target      arguments and CI variables → repository, request, commit, token
    owners      who owns a contract; whom the host has recorded to agree → who consents
    acknowledge consents, and lines from the report → suggestions, or lines in the summary
    github      what is on the host → what is missing there → requests
    gitlab      the same
    gitea       the same, on Forgejo too
"""
