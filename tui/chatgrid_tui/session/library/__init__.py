"""The conversations kept on this machine: the list, recent boards, drafts, renaming and deleting."""
