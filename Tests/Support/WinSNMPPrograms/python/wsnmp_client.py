#!/usr/bin/env python3
"""Uses libwsnmp32.so from Python, with nothing but ctypes.

    wsnmp_client.py LIBRARY HOST PORT COMMUNITY TRAPPORT [COUNT [ROOT]]

Runs checks 2 and 39 to 43 of the WinSNMP test plan, then works like a small manager: a session with a callback, a GET
of sysDescr.0, a walk of ROOT (1.3.6.1.2.1.1) by GETNEXT, and a registration for all notifications on TRAPPORT. The line
"ready" says that it listens now; then it takes COUNT (1) notifications. The last line is a JSON object with all that it
saw. Exit status 0: all was right. 1: something was not; "failures" says what. 2: wrong arguments.

The JSON and the arguments are those of WsnmpClient.cs and snmpd_client.c, so that one test drives all three.
"""

import ctypes
import json
import queue
import sys
from ctypes import POINTER, Structure, Union, byref, c_char, c_char_p, c_int32, c_size_t, c_ssize_t, c_uint, c_uint32
from ctypes import c_ubyte, c_void_p, cast, create_string_buffer, sizeof

# --- winsnmp.h ---------------------------------------------------------------------------------------------------

FAILURE, SUCCESS = 0, 1
UNTRANSLATED_V1, UNTRANSLATED_V2, ON = 1, 2, 1
NOOP, OID_INVALID, OPERATION_INVALID, OUTPUT_TRUNCATED, SYNTAX_INVALID, SIZE_INVALID = 8, 9, 10, 11, 14, 17
SYNTAX_INT, SYNTAX_OCTETS, SYNTAX_OID, SYNTAX_ENDOFMIBVIEW = 0x02, 0x04, 0x06, 0x82
PDU_GET, PDU_GETNEXT, PDU_RESPONSE, PDU_INFORM, PDU_TRAP = 0xA0, 0xA1, 0xA2, 0xA6, 0xA7
OCTETS_LIKE = {0x03, 0x04, 0x40, 0x44, 0x45}
OPTION_TRAP_PORT = 1  # oriel_winsnmp.h

Handle = c_void_p


class Octets(Structure):  # smiOCTETS, smiOPAQUE
    _fields_ = [("len", c_uint32), ("ptr", POINTER(c_ubyte))]


class Oid(Structure):  # smiOID
    _fields_ = [("len", c_uint32), ("ptr", POINTER(c_uint32))]

    @classmethod
    def of(cls, *numbers):
        """An OID in memory of our own."""
        return cls(len(numbers), (c_uint32 * max(len(numbers), 1))(*numbers))

    def dotted(self):
        return ".".join(str(self.ptr[i]) for i in range(self.len))


class Counter64(Structure):  # smiCNTR64: the high half first
    _fields_ = [("hipart", c_uint32), ("lopart", c_uint32)]


class ValueUnion(Union):
    _fields_ = [("sNumber", c_int32), ("uNumber", c_uint32), ("hNumber", Counter64), ("string", Octets), ("oid", Oid),
                ("empty", c_ubyte)]


class Value(Structure):  # smiVALUE
    _fields_ = [("syntax", c_uint32), ("value", ValueUnion)]


class VendorInfo(Structure):  # smiVENDORINFO
    _fields_ = [("vendorName", c_char * 64), ("vendorContact", c_char * 64), ("vendorVersionId", c_char * 32),
                ("vendorVersionDate", c_char * 32), ("vendorEnterprise", c_uint32)]


Callback = ctypes.CFUNCTYPE(c_uint32, Handle, c_void_p, c_uint, c_size_t, c_ssize_t, c_void_p)

NUMBER, SIGNED, STATUS = POINTER(c_uint32), POINTER(c_int32), c_uint32
PROTOTYPES = {
    "SnmpStartup": (STATUS, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER),
    "SnmpCleanup": (STATUS,),
    "SnmpGetLastError": (STATUS, Handle),
    "SnmpGetVendorInfo": (STATUS, POINTER(VendorInfo)),
    "SnmpSetTranslateMode": (STATUS, c_uint32),
    "SnmpCreateSession": (Handle, c_void_p, c_uint, Callback, c_void_p),
    "SnmpClose": (STATUS, Handle),
    "SnmpStrToEntity": (Handle, Handle, c_char_p),
    "SnmpEntityToStr": (STATUS, Handle, c_uint32, c_char_p),
    "SnmpSetPort": (STATUS, Handle, c_uint),
    "SnmpSetTimeout": (STATUS, Handle, c_uint32),
    "SnmpFreeEntity": (STATUS, Handle),
    "SnmpStrToContext": (Handle, Handle, POINTER(Octets)),
    "SnmpContextToStr": (STATUS, Handle, POINTER(Octets)),
    "SnmpFreeContext": (STATUS, Handle),
    "SnmpCreateVbl": (Handle, Handle, POINTER(Oid), POINTER(Value)),
    "SnmpCountVbl": (STATUS, Handle),
    "SnmpGetVb": (STATUS, Handle, c_uint32, POINTER(Oid), POINTER(Value)),
    "SnmpFreeVbl": (STATUS, Handle),
    "SnmpCreatePdu": (Handle, Handle, c_int32, c_int32, c_int32, c_int32, Handle),
    "SnmpGetPduData": (STATUS, Handle, SIGNED, SIGNED, SIGNED, SIGNED, POINTER(Handle)),
    "SnmpFreePdu": (STATUS, Handle),
    "SnmpSendMsg": (STATUS, Handle, Handle, Handle, Handle, Handle),
    "SnmpRecvMsg": (STATUS, Handle, POINTER(Handle), POINTER(Handle), POINTER(Handle), POINTER(Handle)),
    "SnmpRegister": (STATUS, Handle, Handle, Handle, Handle, POINTER(Oid), c_uint32),
    "SnmpStrToOid": (STATUS, c_char_p, POINTER(Oid)),
    "SnmpOidToStr": (STATUS, POINTER(Oid), c_uint32, c_char_p),
    "SnmpOidCopy": (STATUS, POINTER(Oid), POINTER(Oid)),
    "SnmpOidCompare": (STATUS, POINTER(Oid), POINTER(Oid), c_uint32, SIGNED),
    # Takes any descriptor: smiOCTETS, smiOID and their kin have one layout.
    "SnmpFreeDescriptor": (STATUS, c_uint32, c_void_p),
    "OrielSnmpSetOption": (STATUS, c_uint32, c_uint32),
}


def load(path):
    library = ctypes.CDLL(path)
    for name, (result, *arguments) in PROTOTYPES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


# --- Checks ------------------------------------------------------------------------------------------------------

checks, failures = 0, []


def check(good, what):
    """Counts a check and keeps what was wrong."""
    global checks
    checks += 1
    if not good:
        failures.append(what)
    return good


def expect(actual, wanted, what):
    return check(actual == wanted, f"{what}: {actual}, not {wanted}")


def fails(result, error, what):
    """The call failed, and with this error."""
    expect(result, FAILURE, what)
    expect(snmp.SnmpGetLastError(None), error, f"{what}: error")


def startup_checks():
    expect((sizeof(Octets), sizeof(Oid), sizeof(Counter64), sizeof(Value), sizeof(VendorInfo)),
           (16, 16, 8, 24, 196), "sizes of the structures")
    one = c_uint32(0)
    expect(snmp.SnmpStartup(*[byref(one)] * 5), SUCCESS, "2: Startup with one variable")
    outputs = [c_uint32(0xDEADBEEF) for _ in range(5)]
    expect(snmp.SnmpStartup(*map(byref, outputs)), SUCCESS, "2: Startup")
    expect([o.value for o in outputs], [2, 0, 2, UNTRANSLATED_V1, ON], "2: outputs of Startup")
    vendor = VendorInfo()
    expect(snmp.SnmpGetVendorInfo(byref(vendor)), SUCCESS, "GetVendorInfo")
    return vendor.vendorName.decode()


def parse(text):
    """StrToOid; the OID is the caller's to free."""
    oid = Oid()
    return snmp.SnmpStrToOid(text.encode(), byref(oid)), oid


def free(syntax, descriptor, what):
    expect(snmp.SnmpFreeDescriptor(syntax, byref(descriptor)), SUCCESS, f"{what}: FreeDescriptor")


def oid_checks():
    # 39: reading OIDs.
    for text, count in [("1.3.6.1", 4), (".1.3.6", 3), ("1.3" + ".1" * 126, 128), ("2.999.1", 3),
                        ("1.3.4294967295", 3)]:
        result, oid = parse(text)
        if expect(result, count, f"39: StrToOid({text})"):
            expect(oid.dotted(), text.lstrip("."), f"39: the OID of {text}")
            free(SYNTAX_OID, oid, f"39: {text}")
    for text in ["1", "", "1..3", "1.3.x", "1.4294967296", "1.3" + ".1" * 127]:
        fails(parse(text)[0], OID_INVALID, f"39: StrToOid({text})")

    # 40: writing OIDs. The length counts the NUL.
    oid, text = Oid.of(1, 3, 6, 1), create_string_buffer(b"?" * 15, 16)
    expect(snmp.SnmpOidToStr(byref(oid), 8, text), 8, "40: OidToStr, size 8")
    expect(text.value, b"1.3.6.1", "40: text")
    expect(text.raw[8:9], b"?", "40: octet behind the text")
    fails(snmp.SnmpOidToStr(byref(oid), 7, text), OUTPUT_TRUNCATED, "40: OidToStr, size 7")
    fails(snmp.SnmpOidToStr(byref(oid), 0, text), SIZE_INVALID, "40: OidToStr, size 0")

    # 41: comparing.
    result = c_int32(99)
    for x, y, limit, sign in [((1, 3, 6), (1, 3, 6, 1), 0, -1), ((1, 3, 6), (1, 3, 6, 1), 3, 0),
                              ((1, 3, 6), (1, 3, 7), 2, 0), ((1, 3, 7), (1, 3, 6, 1), 0, 1), ((), (), 0, 0)]:
        what = f"41: OidCompare({x}, {y}, {limit})"
        expect(snmp.SnmpOidCompare(byref(Oid.of(*x)), byref(Oid.of(*y)), limit, byref(result)), SUCCESS, what)
        expect((result.value > 0) - (result.value < 0), sign, f"{what}: result")
    fails(snmp.SnmpOidCompare(byref(oid), byref(oid), 129, byref(result)), SIZE_INVALID, "41: OidCompare, maxlen 129")

    # 42: copies are memory of their own, to be freed once.
    copy = Oid()
    expect(snmp.SnmpOidCopy(byref(oid), byref(copy)), 4, "42: OidCopy")
    check(cast(copy.ptr, c_void_p).value != cast(oid.ptr, c_void_p).value, "42: OidCopy gave the same memory")
    expect(copy.dotted(), "1.3.6.1", "42: the copy")
    saved = Oid(copy.len, copy.ptr)
    free(SYNTAX_OID, copy, "42")
    fails(snmp.SnmpFreeDescriptor(SYNTAX_OID, byref(saved)), OPERATION_INVALID, "42: FreeDescriptor again")

    # 43: the wrong syntax of the right kind is fine; another kind, or memory of others, is not.
    _, parsed = parse("1.3.6.1.2")
    fails(snmp.SnmpFreeDescriptor(SYNTAX_INT, byref(parsed)), SYNTAX_INVALID, "43: FreeDescriptor(INT)")
    free(SYNTAX_OCTETS, parsed, "43: as OCTETS")
    fails(snmp.SnmpFreeDescriptor(SYNTAX_OID, byref(oid)), OPERATION_INVALID, "43: FreeDescriptor of our memory")


# --- A manager ---------------------------------------------------------------------------------------------------

# The callback runs on a thread of the library. It only notes what came; the work is done on our own thread.
notes = queue.Queue()


@Callback
def on_message(session, window, message, w_param, l_param, data):
    notes.put((session, window, message, w_param, l_param, data))
    return SUCCESS


def text_of(value):
    """A value as text; also frees it."""
    if value.syntax in OCTETS_LIKE:
        octets = value.value.string
        text = bytes(octets.ptr[:octets.len]).decode(errors="replace") if octets.len else ""
        if octets.len:
            free(value.syntax, octets, "value")
        return text
    if value.syntax == SYNTAX_OID:
        text = value.value.oid.dotted()
        free(SYNTAX_OID, value.value.oid, "value")
        return text
    if value.syntax == SYNTAX_INT:
        return str(value.value.sNumber)
    return str(value.value.uNumber)


class Broken(Exception):
    """What comes after it makes no sense any more; the checks have noted why."""


class Manager:
    def __init__(self, host, port, community):
        self.session = snmp.SnmpCreateSession(None, 0, on_message, 4711)
        if not check(self.session, "CreateSession"):
            raise SystemExit(finish({}))
        octets = Octets(len(community), (c_ubyte * len(community))(*community))
        self.agent = snmp.SnmpStrToEntity(self.session, host.encode())
        self.context = snmp.SnmpStrToContext(self.session, byref(octets))
        check(self.agent and self.context, "StrToEntity, StrToContext")
        expect(snmp.SnmpSetPort(self.agent, port), SUCCESS, "SetPort")
        expect(snmp.SnmpSetTimeout(self.agent, 500), SUCCESS, "SetTimeout")

    def request(self, kind, name):
        """One binding's question and answer: (name, syntax, value)."""
        vbl = snmp.SnmpCreateVbl(self.session, byref(name), None)
        pdu = snmp.SnmpCreatePdu(self.session, kind, 0, 0, 0, vbl)
        sent = c_int32(0)
        expect(snmp.SnmpGetPduData(pdu, None, byref(sent), None, None, None), SUCCESS, "GetPduData before sending")
        check(sent.value != 0, "the request's id is 0")
        expect(snmp.SnmpSendMsg(self.session, None, self.agent, self.context, pdu), SUCCESS, "SendMsg")
        # What was sent is copied; our own can go at once.
        expect(snmp.SnmpFreePdu(pdu), SUCCESS, "FreePdu")
        expect(snmp.SnmpFreeVbl(vbl), SUCCESS, "FreeVbl")
        note = notes.get(timeout=30)
        if not expect(note, (self.session, None, 0, 0, sent.value, 4711), "callback's arguments"):
            raise Broken
        message = self.receive()
        good = (message["type"], message["id"], message["error"], len(message["bindings"]))
        if not expect(good, (PDU_RESPONSE, sent.value, 0, 1), "response"):
            raise Broken
        check(message["handles"] == (self.agent, self.context), "the handles of a response are those of its request")
        return message["bindings"][0]

    def receive(self):
        """Takes one message from the queue and frees all its parts."""
        source, destination, context, pdu = Handle(), Handle(), Handle(), Handle()
        expect(snmp.SnmpRecvMsg(self.session, byref(source), byref(destination), byref(context), byref(pdu)), SUCCESS,
               "RecvMsg")
        kind, number, status, index, vbl = c_int32(), c_int32(), c_int32(), c_int32(), Handle()
        expect(snmp.SnmpGetPduData(pdu, byref(kind), byref(number), byref(status), byref(index), byref(vbl)), SUCCESS,
               "GetPduData")
        bindings = []
        for i in range(1, snmp.SnmpCountVbl(vbl) + 1):
            name, value = Oid(), Value()
            expect(snmp.SnmpGetVb(vbl, i, byref(name), byref(value)), SUCCESS, f"GetVb {i}")
            bindings.append((name.dotted(), value.syntax, text_of(value)))
            free(SYNTAX_OID, name, "name")
        address, community = create_string_buffer(64), Octets()
        length = snmp.SnmpEntityToStr(source, 64, address)
        expect(length, len(address.value) + 1, "EntityToStr")
        expect(snmp.SnmpContextToStr(context, byref(community)), SUCCESS, "ContextToStr")
        message = {"type": kind.value, "id": number.value, "error": status.value, "bindings": bindings,
                   "handles": (source.value, context.value), "source": address.value.decode(),
                   "community": bytes(community.ptr[:community.len]).decode(errors="replace")}
        free(SYNTAX_OCTETS, community, "community")
        for function, handle in [(snmp.SnmpFreeVbl, vbl), (snmp.SnmpFreePdu, pdu), (snmp.SnmpFreeContext, context),
                                 (snmp.SnmpFreeEntity, source), (snmp.SnmpFreeEntity, destination)]:
            expect(function(handle), SUCCESS, function.__name__)
        return message

    def walk(self, root):
        """All (name, value) below `root`."""
        rows, name = [], Oid.of(*root)
        while True:
            dotted, syntax, text = self.request(PDU_GETNEXT, name)
            numbers = tuple(map(int, dotted.split(".")))
            if syntax == SYNTAX_ENDOFMIBVIEW or numbers[:len(root)] != root:
                return rows
            rows.append((dotted, text))
            name = Oid.of(*numbers)

    def notifications(self, count):
        expect(snmp.SnmpRegister(self.session, None, None, None, None, ON), SUCCESS, "Register")
        print("ready", flush=True)
        found = []
        while len(found) < count:
            note = notes.get(timeout=60)
            expect(note[3], 0, "wParam of a notification")
            message = self.receive()
            expect(note[4], message["id"], "lParam of a notification")
            check(message["id"] != 0, "the notification's id is 0")
            found.append({"type": message["type"], "source": message["source"], "community": message["community"],
                          "bindings": [[name, text] for name, _, text in message["bindings"]]})
        return found

    def close(self):
        fails(snmp.SnmpRecvMsg(self.session, None, None, None, None), NOOP, "RecvMsg of an empty queue")
        expect(snmp.SnmpFreeContext(self.context), SUCCESS, "FreeContext")
        expect(snmp.SnmpFreeEntity(self.agent), SUCCESS, "FreeEntity")
        expect(snmp.SnmpClose(self.session), SUCCESS, "Close")


def finish(seen):
    """Prints the result; the exit status."""
    print(json.dumps({"program": "python", "checks": checks, "failures": failures, **seen}), flush=True)
    return 1 if failures else 0


def main(arguments):
    global snmp
    if not 5 <= len(arguments) <= 7:
        print(__doc__, file=sys.stderr)
        return 2
    path, host, port, community, trap_port = arguments[:5]
    count = int(arguments[5]) if len(arguments) > 5 else 1
    root = arguments[6] if len(arguments) > 6 else "1.3.6.1.2.1.1"
    snmp = load(path)
    seen = {"vendor": startup_checks()}
    oid_checks()
    expect(snmp.OrielSnmpSetOption(OPTION_TRAP_PORT, int(trap_port)), SUCCESS, "SetOption")
    expect(snmp.SnmpSetTranslateMode(UNTRANSLATED_V2), SUCCESS, "SetTranslateMode")
    manager = Manager(host, int(port), community.encode())
    try:
        seen["sysDescr"] = manager.request(PDU_GET, Oid.of(1, 3, 6, 1, 2, 1, 1, 1, 0))[2]
        seen["names"] = [name for name, _ in manager.walk(tuple(map(int, root.split("."))))]
        seen["notifications"] = manager.notifications(count)
    except queue.Empty:
        check(False, "waited in vain for a callback")
    except Broken:
        pass
    manager.close()
    expect(snmp.SnmpCleanup(), SUCCESS, "Cleanup")
    fails(snmp.SnmpClose(manager.session), 18, "Close after Cleanup")
    return finish(seen)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
