"""What a person is told.

Doors: `notices` (tell, count, mark as read), `models`. By mail with a later version; in the site now.
"""
