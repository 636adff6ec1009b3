"""Who follows the stock of the bookshop on a WebSocket, and what they are told: the queues are those of lesson 4."""

from course_support.backends.rooms import Closed, Connection, Room
from course_support.backends.shelf import Change
from course_support.backends.shop_trace import FIELD

TOO_SLOW = "You read too slowly: connect again with ?snapshot=1."


class Followers(Room):
    """Everybody at this door. Unlike editors in a room, they are told nothing of one another."""

    def join(self, connection: Connection) -> None:
        self.connections.append(connection)

    def leave(self, connection: Connection) -> None:
        if connection in self.connections:
            self.connections.remove(connection)

    def hear(self, change: Change) -> None:
        """Tell everybody, whoever made the change, and by whatever door."""
        members = {"isbn": change.isbn, "stock": change.stock, "version": change.version, FIELD: change.trace}
        self.tell([{"type": "stock", **members}])


class Follower(Connection):
    """One client's WebSocket, told in the words of this shop when its queue is full."""

    def end(self, farewell: Closed | None) -> None:
        super().end(Closed(1013, TOO_SLOW) if farewell and farewell.code == 1013 else farewell)
