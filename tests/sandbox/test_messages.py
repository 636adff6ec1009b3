import os

import pytest

from course_support.sandbox import messages


def test_a_message_is_one_packet_and_brings_descriptors():
    near, far = messages.pair()
    with near, far:
        reading, writing = os.pipe()
        messages.send(near, {"a": 1}, [writing])
        messages.send(near, {"b": "ü"})
        first, (received,) = messages.receive(far)
        os.write(received, b"x")
        assert (first, os.read(reading, 9)) == ({"a": 1}, b"x")
        assert messages.receive(far) == ({"b": "ü"}, [])
        messages.close([reading, writing, received])
        messages.close([received])  # twice does no harm


def test_the_end_is_none_and_nobody_there_is_an_error():
    near, far = messages.pair()
    with near:
        far.close()
        assert messages.receive(near) == (None, [])
        with pytest.raises(OSError, match="Broken pipe"):
            messages.send(near, {})
