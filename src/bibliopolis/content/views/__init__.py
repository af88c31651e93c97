"""The pages of the room: for visitors, and for those who write."""
