{{ weekly_files('github_ranking_ai', 'rankings') }}
