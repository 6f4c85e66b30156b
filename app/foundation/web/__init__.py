"""What every page shares: forms, formatting, pagination, headers, assets and error pages."""
