"""Finding a group that helps, near enough, with room: an index in this process, made from what the store holds."""
