"""The first commit that changes an answer: `git bisect run` in a worktree of its own."""
