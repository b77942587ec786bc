"""The conversations on this machine: the list, recent boards, loading, drafts, renaming and deleting."""
