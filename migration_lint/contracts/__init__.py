"""Contracts: what each service relies on, and whether it follows a change.

model       what a contract says
format      the keys of a contract file, once, for the loader and for the JSON Schema
document    YAML text → nodes with places
parse       nodes → a contract, or every error of the file
load        a tree → its contracts
meaning     what of a declaration is meaning, and what is spelling
following   does one contract follow an outcome, or acknowledge it?
judgement   do all of them, on both sides?
shifts      which contracts a softer change concerns
schema      the JSON Schema of contract files
"""
