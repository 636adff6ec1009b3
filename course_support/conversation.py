"""Cuts the bytes of a WebSocket into messages (RFC 6455, section 5), at leisure: the server's thread piles them up."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator
from time import monotonic
from typing import get_args

from websockets.exceptions import ProtocolError
from websockets.frames import DATA_OPCODES, Frame
from websockets.frames import Opcode as FrameOpcode
from websockets.typing import BytesLike

from course_support.wire import Message, Opcode, Sender

KEEP_PER_MESSAGE = 2**20
KEEP_PER_SOCKET = 8 * 2**20
PILE = 2**20  # bytes that wait until they are cut although nobody looks
OVERHEAD = 200  # bytes of memory that a message takes beside its content, and each frame after its first
KEEP_HEADS = 1000  # of one message
OPCODES: dict[FrameOpcode, Opcode] = {FrameOpcode[name.upper()]: name for name in get_args(Opcode)}


class Conversation:
    """Both directions of one WebSocket: fed from the server's thread, read from any."""

    def __init__(self) -> None:
        self.left_out = 0  # messages that were counted, not kept
        self._kept: list[Message] = []
        self._size = self._piled = 0
        self._pile: deque[tuple[_Side, float, bytes]] = deque()
        self._sides: dict[Sender, _Side] = {name: _Side(name, self._keep) for name in get_args(Sender)}
        self._lock = threading.Lock()

    def feed(self, sender: Sender, data: bytes) -> None:
        """Take in bytes as they pass, with the time."""
        with self._lock:
            self._pile.append((self._sides[sender], monotonic(), data))
            self._piled += len(data) + OVERHEAD
            if self._piled > PILE:
                self._cut_pile()

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages that are complete, in the order in which they became so."""
        with self._lock:
            self._cut_pile()
            return tuple(self._kept)

    @property
    def halfway(self) -> bool:
        """Whether a frame has begun and not ended."""
        with self._lock:
            self._cut_pile()
            return any(side.frame_bytes for side in self._sides.values())

    @property
    def closed(self) -> tuple[Sender, ...]:
        """Who has sent a close frame."""
        with self._lock:
            self._cut_pile()
            return tuple(name for name, side in self._sides.items() if side.closed)

    @property
    def cut(self) -> bool:
        """Whether a message was longer than is kept."""
        return any(side.cut for side in self._sides.values())

    @property
    def broken(self) -> tuple[Sender, ...]:
        """Who sent what are no frames."""
        return tuple(name for name, side in self._sides.items() if side.broken)

    @property
    def size(self) -> int:
        """Bytes of memory that the messages take, about."""
        with self._lock:
            self._cut_pile()
            return self._size

    def _cut_pile(self) -> None:
        while self._pile:
            side, at, data = self._pile.popleft()
            side.feed(data, at)
        self._piled = 0

    def _keep(self, message: Message) -> None:
        size = len(message.data) + OVERHEAD * max(1, len(message.heads))
        if self.left_out or self._size + size > KEEP_PER_SOCKET:
            self.left_out += 1
        else:
            self._kept.append(message)
            self._size += size


class _Side:
    """Cuts what one side sent. Nothing follows what are no frames: where the next begins is not to be known."""

    def __init__(self, sender: Sender, found: Callable[[Message], None]) -> None:
        self.closed = self.cut = self.broken = False
        self.frame_bytes = 0  # of the frame that has not ended
        self._sender = sender
        self._found = found
        self._head = bytearray()  # of that frame
        self._fed = bytearray()
        self._at = 0.0
        self._reading = self._read()

    def feed(self, data: bytes, at: float) -> None:
        if not self.broken:
            self._fed += data
            self._at = at
            next(self._reading, None)

    def _read(self) -> Generator[None, None, None]:
        try:
            while True:
                yield from self._message()
        except ProtocolError:
            self.broken = True
            self.frame_bytes = 0
            self._fed.clear()

    def _message(self) -> Generator[None, None, None]:
        """Read frames until a message is whole; control frames may stand between its fragments (section 5.4)."""
        opcode, data, size, ended = FrameOpcode.CONT, bytearray(), 0, False
        heads: list[bytes] = []
        while not ended:
            frame: Frame = yield from Frame.parse(self._take, mask=self._sender == "client")
            frame_bytes, self.frame_bytes = self.frame_bytes, 0
            head, self._head = bytes(self._head), bytearray()
            if frame.opcode not in DATA_OPCODES:
                self._find(frame.opcode, bytes(frame.data), frame_bytes, (head,))
                continue
            if (frame.opcode is FrameOpcode.CONT) == (opcode is FrameOpcode.CONT):
                raise ProtocolError("a fragment without a beginning, or a beginning without an end")
            opcode = opcode or frame.opcode
            data += self._kept(frame.data, data)
            heads += [head] if len(heads) < KEEP_HEADS else []
            size += frame_bytes
            ended = frame.fin
        self._find(opcode, bytes(data), size, tuple(heads))

    def _find(self, opcode: FrameOpcode, data: bytes, size: int, heads: tuple[bytes, ...]) -> None:
        self.closed = self.closed or opcode is FrameOpcode.CLOSE
        self._found(Message(self._sender, OPCODES[opcode], data, self._at, size, heads))

    def _take(self, size: int) -> Generator[None, None, bytes]:
        """The next bytes of a frame; of more than are kept, the first."""
        taken = bytearray()
        while size:
            while not self._fed:
                yield
            piece = self._fed[:size]
            del self._fed[:size]
            size -= len(piece)
            self.frame_bytes += len(piece)
            taken += self._kept(piece, taken)
        if len(self._head) < _head_size(self._head):
            self._head += taken
        return bytes(taken)

    def _kept(self, more: BytesLike, so_far: bytearray) -> BytesLike:
        space = KEEP_PER_MESSAGE - len(so_far)
        self.cut = self.cut or len(more) > space
        return more[:space]


def _head_size(head: bytearray) -> int:
    """How long the head of a frame is, as far as its beginning tells."""
    if len(head) < 2:
        return 2
    return 2 + {126: 2, 127: 8}.get(head[1] & 0x7F, 0) + (4 if head[1] & 0x80 else 0)
