// Uses libwsnmp32.so from C#, by the P/Invoke declarations of a Windows program: [DllImport("wsnmp32.dll")].
//
//     mcs -out:WsnmpClient.exe WsnmpClient.cs
//     LD_LIBRARY_PATH=build/lib mono WsnmpClient.exe HOST PORT COMMUNITY TRAPPORT [COUNT [ROOT]]
//
// WsnmpClient.exe.config must lie beside the program: it maps wsnmp32.dll to libwsnmp32.so, which the dynamic loader
// then looks for in LD_LIBRARY_PATH and the system's places.
//
// Runs checks 2 and 39 to 43 of the WinSNMP test plan, then works like a small manager: a session with a callback, a
// GET of sysDescr.0, a walk of ROOT (1.3.6.1.2.1.1) by GETNEXT, and a registration for all notifications on TRAPPORT.
// The line "ready" says that it listens now; then it takes COUNT (1) notifications. The last line is a JSON object with
// all that it saw. Exit status 0: all was right; 1: something was not, "failures" says what; 2: wrong arguments.
//
// The arguments and the JSON are those of wsnmp_client.py and snmpd_client.c, so that one test drives all three.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;

// --- winsnmp.h ------------------------------------------------------------------------------------------------------

[StructLayout(LayoutKind.Sequential)]
struct SmiOctets
{
    public uint Length;
    public IntPtr Pointer;
}

[StructLayout(LayoutKind.Sequential)]
struct SmiOid
{
    public uint Length;
    public IntPtr Pointer;
}

// The high half comes first.
[StructLayout(LayoutKind.Sequential)]
struct SmiCounter64
{
    public uint High;
    public uint Low;
}

[StructLayout(LayoutKind.Explicit)]
struct SmiUnion
{
    [FieldOffset(0)] public int Signed;
    [FieldOffset(0)] public uint Unsigned;
    [FieldOffset(0)] public SmiCounter64 Counter64;
    [FieldOffset(0)] public SmiOctets Octets;
    [FieldOffset(0)] public SmiOid Oid;
}

[StructLayout(LayoutKind.Sequential)]
struct SmiValue
{
    public uint Syntax;
    public SmiUnion Value;
}

[StructLayout(LayoutKind.Sequential, CharSet = CharSet.Ansi)]
struct SmiVendorInfo
{
    [MarshalAs(UnmanagedType.ByValTStr, SizeConst = 64)] public string Name;
    [MarshalAs(UnmanagedType.ByValTStr, SizeConst = 64)] public string Contact;
    [MarshalAs(UnmanagedType.ByValTStr, SizeConst = 32)] public string VersionId;
    [MarshalAs(UnmanagedType.ByValTStr, SizeConst = 32)] public string VersionDate;
    public uint Enterprise;
}

// On Windows it is stdcall, as delegates are by default; elsewhere there is one calling convention.
delegate uint SnmpCallback(
    IntPtr session, IntPtr window, uint message, UIntPtr wParam, IntPtr lParam, IntPtr clientData);

static class Snmp
{
    const string Library = "wsnmp32.dll";

    public const uint Failure = 0, Success = 1, UntranslatedV1 = 1, UntranslatedV2 = 2, On = 1;
    public const uint Noop = 8, OidInvalid = 9, OperationInvalid = 10, OutputTruncated = 11, SyntaxInvalid = 14;
    public const uint SizeInvalid = 17, NotInitialized = 18;
    public const uint SyntaxInt = 0x02, SyntaxBits = 0x03, SyntaxOctets = 0x04, SyntaxOid = 0x06, SyntaxIp = 0x40;
    public const uint SyntaxOpaque = 0x44, SyntaxNsap = 0x45, SyntaxEndOfMibView = 0x82;
    public const int Get = 0xA0, GetNext = 0xA1, Response = 0xA2;
    public const uint TrapPort = 1;

    [DllImport(Library)]
    public static extern uint SnmpStartup(
        out uint major, out uint minor, out uint level, out uint translateMode, out uint retransmitMode);
    // The five outputs as plain addresses, which may be one and the same.
    [DllImport(Library)]
    public static extern uint SnmpStartup(
        IntPtr major, IntPtr minor, IntPtr level, IntPtr translateMode, IntPtr retransmitMode);
    [DllImport(Library)] public static extern uint SnmpCleanup();
    [DllImport(Library)] public static extern uint SnmpGetLastError(IntPtr session);
    [DllImport(Library)] public static extern uint SnmpGetVendorInfo(out SmiVendorInfo info);
    [DllImport(Library)] public static extern uint SnmpSetTranslateMode(uint mode);
    [DllImport(Library)]
    public static extern IntPtr SnmpCreateSession(
        IntPtr window, uint message, SnmpCallback callback, IntPtr clientData);
    [DllImport(Library)] public static extern uint SnmpClose(IntPtr session);
    [DllImport(Library, CharSet = CharSet.Ansi)]
    public static extern IntPtr SnmpStrToEntity(IntPtr session, string text);
    [DllImport(Library, CharSet = CharSet.Ansi)]
    public static extern uint SnmpEntityToStr(IntPtr entity, uint size, StringBuilder text);
    [DllImport(Library)] public static extern uint SnmpSetPort(IntPtr entity, uint port);
    [DllImport(Library)] public static extern uint SnmpSetTimeout(IntPtr entity, uint centiseconds);
    [DllImport(Library)] public static extern uint SnmpFreeEntity(IntPtr entity);
    [DllImport(Library)] public static extern IntPtr SnmpStrToContext(IntPtr session, ref SmiOctets octets);
    [DllImport(Library)] public static extern uint SnmpContextToStr(IntPtr context, out SmiOctets octets);
    [DllImport(Library)] public static extern uint SnmpFreeContext(IntPtr context);
    [DllImport(Library)] public static extern IntPtr SnmpCreateVbl(IntPtr session, ref SmiOid name, IntPtr value);
    [DllImport(Library)] public static extern uint SnmpCountVbl(IntPtr vbl);
    [DllImport(Library)]
    public static extern uint SnmpGetVb(IntPtr vbl, uint index, out SmiOid name, out SmiValue value);
    [DllImport(Library)] public static extern uint SnmpFreeVbl(IntPtr vbl);
    [DllImport(Library)]
    public static extern IntPtr SnmpCreatePdu(
        IntPtr session, int type, int requestId, int errorStatus, int errorIndex, IntPtr vbl);
    [DllImport(Library)]
    public static extern uint SnmpGetPduData(
        IntPtr pdu, out int type, out int requestId, out int errorStatus, out int errorIndex, IntPtr noVbl);
    [DllImport(Library)]
    public static extern uint SnmpGetPduData(
        IntPtr pdu, out int type, out int requestId, out int errorStatus, out int errorIndex, out IntPtr vbl);
    [DllImport(Library)] public static extern uint SnmpFreePdu(IntPtr pdu);
    [DllImport(Library)]
    public static extern uint SnmpSendMsg(
        IntPtr session, IntPtr source, IntPtr destination, IntPtr context, IntPtr pdu);
    [DllImport(Library)]
    public static extern uint SnmpRecvMsg(
        IntPtr session, out IntPtr source, out IntPtr destination, out IntPtr context, out IntPtr pdu);
    [DllImport(Library)]
    public static extern uint SnmpRegister(
        IntPtr session, IntPtr source, IntPtr destination, IntPtr context, IntPtr anyNotification, uint state);
    [DllImport(Library, CharSet = CharSet.Ansi)] public static extern uint SnmpStrToOid(string text, out SmiOid oid);
    [DllImport(Library, CharSet = CharSet.Ansi)]
    public static extern uint SnmpOidToStr(ref SmiOid oid, uint size, StringBuilder text);
    [DllImport(Library)] public static extern uint SnmpOidCopy(ref SmiOid source, out SmiOid destination);
    [DllImport(Library)]
    public static extern uint SnmpOidCompare(ref SmiOid x, ref SmiOid y, uint maximum, out int result);
    [DllImport(Library)] public static extern uint SnmpFreeDescriptor(uint syntax, ref SmiOctets descriptor);
    [DllImport(Library)] public static extern uint SnmpFreeDescriptor(uint syntax, ref SmiOid descriptor);
    [DllImport(Library)] public static extern uint OrielSnmpSetOption(uint option, uint value);
}

// --- Checks ---------------------------------------------------------------------------------------------------------

static class Check
{
    public static int Count;
    public static readonly List<string> Failures = new List<string>();

    public static bool That(bool good, string what)
    {
        // The callback checks, too.
        lock (Failures)
        {
            Count++;
            if (!good) Failures.Add(what);
        }
        return good;
    }

    public static bool Equal<T>(T actual, T wanted, string what)
    {
        return That(EqualityComparer<T>.Default.Equals(actual, wanted), what + ": " + actual + ", not " + wanted);
    }

    public static bool Succeeds(uint status, string what)
    {
        return That(status != Snmp.Failure, what + ": error " + Snmp.SnmpGetLastError(IntPtr.Zero));
    }

    // The call failed, and with this error.
    public static void Fails(uint status, uint error, string what)
    {
        Equal(status, Snmp.Failure, what);
        Equal(Snmp.SnmpGetLastError(IntPtr.Zero), error, what + ": error");
    }
}

// An OID in memory of our own.
sealed class OwnOid : IDisposable
{
    public SmiOid Value;

    public OwnOid(params uint[] numbers)
    {
        Value.Length = (uint) numbers.Length;
        Value.Pointer = Marshal.AllocHGlobal(Math.Max(numbers.Length, 1) * 4);
        for (int i = 0; i < numbers.Length; i++) Marshal.WriteInt32(Value.Pointer, i * 4, (int) numbers[i]);
    }

    public void Dispose() { Marshal.FreeHGlobal(Value.Pointer); }

    public static uint[] Numbers(SmiOid oid)
    {
        var numbers = new uint[oid.Length];
        for (int i = 0; i < numbers.Length; i++) numbers[i] = (uint) Marshal.ReadInt32(oid.Pointer, i * 4);
        return numbers;
    }

    public static string Dotted(uint[] numbers) { return string.Join(".", numbers); }

    public static uint[] Parse(string text) { return Array.ConvertAll(text.Split('.'), uint.Parse); }
}

static class Basics
{
    public static string Startup()
    {
        Check.Equal(Marshal.SizeOf(typeof(SmiOctets)), 16, "size of smiOCTETS");
        Check.Equal(Marshal.SizeOf(typeof(SmiOid)), 16, "size of smiOID");
        Check.Equal(Marshal.SizeOf(typeof(SmiValue)), 24, "size of smiVALUE");
        Check.Equal(Marshal.SizeOf(typeof(SmiVendorInfo)), 196, "size of smiVENDORINFO");
        IntPtr one = Marshal.AllocHGlobal(4);
        Check.Succeeds(Snmp.SnmpStartup(one, one, one, one, one), "2: Startup with one variable");
        Marshal.FreeHGlobal(one);
        uint major, minor, level, translate, retransmit;
        Check.Succeeds(Snmp.SnmpStartup(out major, out minor, out level, out translate, out retransmit), "2: Startup");
        Check.Equal(
            OwnOid.Dotted(new[] { major, minor, level, translate, retransmit }), "2.0.2.1.1", "2: outputs of Startup");
        SmiVendorInfo vendor;
        Check.Succeeds(Snmp.SnmpGetVendorInfo(out vendor), "GetVendorInfo");
        return vendor.Name;
    }

    static string Repeat(string text, int count) { return new StringBuilder().Insert(0, text, count).ToString(); }

    // 39: reading OIDs.
    public static void ReadOids()
    {
        SmiOid oid;
        var good = new[] { "1.3.6.1", ".1.3.6", "1.3" + Repeat(".1", 126), "2.999.1", "1.3.4294967295" };
        foreach (string text in good)
        {
            uint[] numbers = OwnOid.Parse(text.TrimStart('.'));
            uint count = Snmp.SnmpStrToOid(text, out oid);
            if (!Check.Equal(count, (uint) numbers.Length, "39: StrToOid(" + text + ")")) continue;
            Check.Equal(OwnOid.Dotted(OwnOid.Numbers(oid)), text.TrimStart('.'), "39: the OID of " + text);
            Check.Succeeds(Snmp.SnmpFreeDescriptor(Snmp.SyntaxOid, ref oid), "39: FreeDescriptor");
        }
        var bad = new[] { "1", "", "1..3", "1.3.x", "1.4294967296", "1.3" + Repeat(".1", 127) };
        foreach (string text in bad)
            Check.Fails(Snmp.SnmpStrToOid(text, out oid), Snmp.OidInvalid, "39: StrToOid(" + text + ")");
    }

    // 40: writing OIDs. The length counts the NUL.
    public static void WriteOids()
    {
        using (var oid = new OwnOid(1, 3, 6, 1))
        {
            var text = new StringBuilder(64);
            Check.Equal(Snmp.SnmpOidToStr(ref oid.Value, 8, text), 8u, "40: OidToStr, size 8");
            Check.Equal(text.ToString(), "1.3.6.1", "40: text");
            Check.Fails(Snmp.SnmpOidToStr(ref oid.Value, 7, text), Snmp.OutputTruncated, "40: OidToStr, size 7");
            Check.Fails(Snmp.SnmpOidToStr(ref oid.Value, 0, text), Snmp.SizeInvalid, "40: OidToStr, size 0");
        }
    }

    static void Compare(uint[] left, uint[] right, uint maximum, int sign)
    {
        using (OwnOid x = new OwnOid(left), y = new OwnOid(right))
        {
            int result;
            string what = "41: OidCompare of " + OwnOid.Dotted(left) + " and " + OwnOid.Dotted(right) + ", " + maximum;
            Check.Succeeds(Snmp.SnmpOidCompare(ref x.Value, ref y.Value, maximum, out result), what);
            Check.Equal(Math.Sign(result), sign, what + ": result");
        }
    }

    // 41: comparing.
    public static void CompareOids()
    {
        Compare(new uint[] { 1, 3, 6 }, new uint[] { 1, 3, 6, 1 }, 0, -1);
        Compare(new uint[] { 1, 3, 6 }, new uint[] { 1, 3, 6, 1 }, 3, 0);
        Compare(new uint[] { 1, 3, 6 }, new uint[] { 1, 3, 7 }, 2, 0);
        Compare(new uint[] { 1, 3, 7 }, new uint[] { 1, 3, 6, 1 }, 0, 1);
        Compare(new uint[0], new uint[0], 0, 0);
        using (var oid = new OwnOid(1, 3, 6))
        {
            int result;
            Check.Fails(
                Snmp.SnmpOidCompare(ref oid.Value, ref oid.Value, 129, out result), Snmp.SizeInvalid,
                "41: OidCompare, maxlen 129");
        }
    }

    // 42: copies are memory of their own, to be freed once. 43: what may be freed, and as what.
    public static void FreeOids()
    {
        using (var oid = new OwnOid(1, 3, 6, 1))
        {
            SmiOid copy, parsed;
            Check.Equal(Snmp.SnmpOidCopy(ref oid.Value, out copy), 4u, "42: OidCopy");
            Check.That(copy.Pointer != oid.Value.Pointer, "42: OidCopy gave the same memory");
            Check.Equal(OwnOid.Dotted(OwnOid.Numbers(copy)), "1.3.6.1", "42: the copy");
            SmiOid saved = copy;
            Check.Succeeds(Snmp.SnmpFreeDescriptor(Snmp.SyntaxOid, ref copy), "42: FreeDescriptor");
            Check.Fails(
                Snmp.SnmpFreeDescriptor(Snmp.SyntaxOid, ref saved), Snmp.OperationInvalid, "42: FreeDescriptor again");
            Check.Equal(Snmp.SnmpStrToOid("1.3.6.1.2", out parsed), 5u, "43: StrToOid");
            Check.Fails(
                Snmp.SnmpFreeDescriptor(Snmp.SyntaxInt, ref parsed), Snmp.SyntaxInvalid, "43: FreeDescriptor(INT)");
            Check.Succeeds(Snmp.SnmpFreeDescriptor(Snmp.SyntaxOctets, ref parsed), "43: FreeDescriptor(OCTETS)");
            Check.Fails(
                Snmp.SnmpFreeDescriptor(Snmp.SyntaxOid, ref oid.Value), Snmp.OperationInvalid,
                "43: FreeDescriptor of our memory");
        }
    }
}

// --- A manager ------------------------------------------------------------------------------------------------------

struct Note
{
    public IntPtr Session;
    public ulong WParam;
    public long LParam;
}

sealed class Binding
{
    public uint[] Name;
    public uint Syntax;
    public string Text;
}

sealed class Message
{
    public int Type, Id, ErrorStatus;
    public IntPtr From, Context;
    public string Source, Community;
    public readonly List<Binding> Bindings = new List<Binding>();
}

// What comes after it makes no sense any more; the checks have noted why.
sealed class BrokenException : Exception { }

sealed class Manager
{
    // The library keeps only the code address of the delegate, so this field must keep the delegate itself.
    readonly SnmpCallback callback;
    readonly Queue<Note> notes = new Queue<Note>();
    readonly IntPtr agent, context;
    public readonly IntPtr Session;

    public Manager(string host, uint port, string community)
    {
        callback = OnMessage;
        Session = Snmp.SnmpCreateSession(IntPtr.Zero, 0, callback, (IntPtr) 4711);
        Check.That(Session != IntPtr.Zero, "CreateSession");
        agent = Snmp.SnmpStrToEntity(Session, host);
        var octets = new SmiOctets { Length = (uint) community.Length };
        octets.Pointer = Marshal.StringToHGlobalAnsi(community);
        context = Snmp.SnmpStrToContext(Session, ref octets);
        Marshal.FreeHGlobal(octets.Pointer);
        Check.That(agent != IntPtr.Zero && context != IntPtr.Zero, "StrToEntity, StrToContext");
        Check.Succeeds(Snmp.SnmpSetPort(agent, port), "SetPort");
        Check.Succeeds(Snmp.SnmpSetTimeout(agent, 500), "SetTimeout");
    }

    // Runs on a thread of the library, so it only notes what came.
    uint OnMessage(IntPtr session, IntPtr window, uint message, UIntPtr wParam, IntPtr lParam, IntPtr clientData)
    {
        lock (notes)
        {
            Check.That(
                window == IntPtr.Zero && message == 0 && clientData == (IntPtr) 4711, "callback's arguments");
            notes.Enqueue(new Note { Session = session, WParam = (ulong) wParam, LParam = (long) lParam });
            Monitor.Pulse(notes);
        }
        return Snmp.Success;
    }

    Note NextNote()
    {
        DateTime deadline = DateTime.UtcNow.AddSeconds(60);
        lock (notes)
        {
            while (notes.Count == 0)
            {
                TimeSpan left = deadline - DateTime.UtcNow;
                if (left <= TimeSpan.Zero || !Monitor.Wait(notes, left)) throw new TimeoutException();
            }
            return notes.Dequeue();
        }
    }

    static string TextOf(SmiValue value)
    {
        switch (value.Syntax)
        {
            case Snmp.SyntaxInt: return value.Value.Signed.ToString();
            case Snmp.SyntaxOid:
                SmiOid oid = value.Value.Oid;
                string dotted = OwnOid.Dotted(OwnOid.Numbers(oid));
                Check.Succeeds(Snmp.SnmpFreeDescriptor(Snmp.SyntaxOid, ref oid), "FreeDescriptor of a value");
                return dotted;
            case Snmp.SyntaxOctets:
            case Snmp.SyntaxBits:
            case Snmp.SyntaxIp:
            case Snmp.SyntaxOpaque:
            case Snmp.SyntaxNsap: return TextOf(value.Syntax, value.Value.Octets);
            default: return value.Value.Unsigned.ToString();
        }
    }

    static string TextOf(uint syntax, SmiOctets octets)
    {
        if (octets.Length == 0) return "";
        var bytes = new byte[octets.Length];
        Marshal.Copy(octets.Pointer, bytes, 0, bytes.Length);
        Check.Succeeds(Snmp.SnmpFreeDescriptor(syntax, ref octets), "FreeDescriptor of octets");
        return Encoding.UTF8.GetString(bytes);
    }

    // Takes one message from the queue and frees all its parts.
    Message Receive()
    {
        var message = new Message();
        IntPtr source, destination, community, pdu, vbl;
        int index;
        Check.Succeeds(Snmp.SnmpRecvMsg(Session, out source, out destination, out community, out pdu), "RecvMsg");
        Check.Succeeds(
            Snmp.SnmpGetPduData(pdu, out message.Type, out message.Id, out message.ErrorStatus, out index, out vbl),
            "GetPduData");
        uint count = Snmp.SnmpCountVbl(vbl);
        for (uint i = 1; i <= count; i++)
        {
            SmiOid name;
            SmiValue value;
            if (!Check.Succeeds(Snmp.SnmpGetVb(vbl, i, out name, out value), "GetVb " + i)) continue;
            message.Bindings.Add(
                new Binding { Name = OwnOid.Numbers(name), Syntax = value.Syntax, Text = TextOf(value) });
            Check.Succeeds(Snmp.SnmpFreeDescriptor(Snmp.SyntaxOid, ref name), "FreeDescriptor of a name");
        }
        var address = new StringBuilder(64);
        uint length = Snmp.SnmpEntityToStr(source, 64, address);
        message.Source = address.ToString();
        Check.Equal(length, (uint) message.Source.Length + 1, "EntityToStr");
        SmiOctets octets;
        Check.Succeeds(Snmp.SnmpContextToStr(community, out octets), "ContextToStr");
        message.Community = TextOf(Snmp.SyntaxOctets, octets);
        message.From = source;
        message.Context = community;
        Check.Succeeds(Snmp.SnmpFreeVbl(vbl), "FreeVbl");
        Check.Succeeds(Snmp.SnmpFreePdu(pdu), "FreePdu");
        Check.Succeeds(Snmp.SnmpFreeContext(community), "FreeContext");
        Check.Succeeds(Snmp.SnmpFreeEntity(source), "FreeEntity of the source");
        Check.Succeeds(Snmp.SnmpFreeEntity(destination), "FreeEntity of the destination");
        return message;
    }

    public Binding Request(int type, uint[] numbers)
    {
        IntPtr vbl, pdu;
        int kind, id, status, index;
        using (var name = new OwnOid(numbers)) vbl = Snmp.SnmpCreateVbl(Session, ref name.Value, IntPtr.Zero);
        pdu = Snmp.SnmpCreatePdu(Session, type, 0, 0, 0, vbl);
        Check.Succeeds(
            Snmp.SnmpGetPduData(pdu, out kind, out id, out status, out index, IntPtr.Zero),
            "GetPduData before sending");
        Check.That(kind == type && id != 0, "a new PDU's type and id");
        Check.Succeeds(Snmp.SnmpSendMsg(Session, IntPtr.Zero, agent, context, pdu), "SendMsg");
        Check.Succeeds(Snmp.SnmpFreePdu(pdu), "FreePdu");
        Check.Succeeds(Snmp.SnmpFreeVbl(vbl), "FreeVbl");
        Note note = NextNote();
        if (!Check.That(
            note.Session == Session && note.WParam == 0 && note.LParam == id,
            "callback's arguments: " + note.WParam + ", " + note.LParam)) throw new BrokenException();
        Message message = Receive();
        if (!Check.That(
            message.Type == Snmp.Response && message.Id == id && message.ErrorStatus == 0
                && message.Bindings.Count == 1, "response")) throw new BrokenException();
        Check.That(
            message.From == agent && message.Context == context, "the handles of a response are those of its request");
        return message.Bindings[0];
    }

    public List<string> Walk(uint[] root)
    {
        var names = new List<string>();
        uint[] name = root;
        while (true)
        {
            Binding binding = Request(Snmp.GetNext, name);
            name = binding.Name;
            bool inside = name.Length >= root.Length && binding.Syntax != Snmp.SyntaxEndOfMibView;
            for (int i = 0; inside && i < root.Length; i++) inside = name[i] == root[i];
            if (!inside) return names;
            names.Add(OwnOid.Dotted(name));
        }
    }

    public List<Message> Notifications(int count)
    {
        Check.Succeeds(
            Snmp.SnmpRegister(Session, IntPtr.Zero, IntPtr.Zero, IntPtr.Zero, IntPtr.Zero, Snmp.On), "Register");
        Console.WriteLine("ready");
        Console.Out.Flush();
        var found = new List<Message>();
        while (found.Count < count)
        {
            Note note = NextNote();
            Message message = Receive();
            Check.That(
                note.WParam == 0 && note.LParam == message.Id && message.Id != 0, "the callback for a notification");
            found.Add(message);
        }
        return found;
    }

    public void Close()
    {
        IntPtr source, destination, community, pdu;
        Check.Fails(
            Snmp.SnmpRecvMsg(Session, out source, out destination, out community, out pdu), Snmp.Noop,
            "RecvMsg of an empty queue");
        Check.Succeeds(Snmp.SnmpFreeContext(context), "FreeContext");
        Check.Succeeds(Snmp.SnmpFreeEntity(agent), "FreeEntity");
        Check.Succeeds(Snmp.SnmpClose(Session), "Close");
        // Close has waited for a callback that was under way; only now may the delegate go.
        GC.KeepAlive(callback);
    }
}

// --- Program --------------------------------------------------------------------------------------------------------

static class Json
{
    public static string Text(string text)
    {
        if (text == null) return "null";
        var line = new StringBuilder("\"");
        foreach (char c in text)
        {
            if (c == '"' || c == '\\') line.Append('\\').Append(c);
            else if (c < ' ' || c > '~') line.Append("\\u").Append(((int) c).ToString("x4"));
            else line.Append(c);
        }
        return line.Append('"').ToString();
    }

    public static string List(IEnumerable<string> items) { return "[" + string.Join(",", items) + "]"; }

    public static string Texts(List<string> items) { return List(items.ConvertAll(Text)); }

    public static string Notification(Message message)
    {
        return "{\"type\":" + message.Type + ",\"source\":" + Text(message.Source) + ",\"community\":"
            + Text(message.Community) + ",\"bindings\":"
            + List(message.Bindings.ConvertAll(b => "[" + Text(OwnOid.Dotted(b.Name)) + "," + Text(b.Text) + "]"))
            + "}";
    }
}

static class WsnmpClient
{
    static int Main(string[] arguments)
    {
        if (arguments.Length < 4 || arguments.Length > 6)
        {
            Console.Error.WriteLine("usage: WsnmpClient HOST PORT COMMUNITY TRAPPORT [COUNT [ROOT]]");
            return 2;
        }
        int count = arguments.Length > 4 ? int.Parse(arguments[4]) : 1;
        uint[] root = OwnOid.Parse(arguments.Length > 5 ? arguments[5] : "1.3.6.1.2.1.1");
        string description = null, vendor = Basics.Startup();
        var names = new List<string>();
        var notifications = new List<Message>();
        Basics.ReadOids();
        Basics.WriteOids();
        Basics.CompareOids();
        Basics.FreeOids();
        Check.Succeeds(Snmp.OrielSnmpSetOption(Snmp.TrapPort, uint.Parse(arguments[3])), "SetOption");
        Check.Succeeds(Snmp.SnmpSetTranslateMode(Snmp.UntranslatedV2), "SetTranslateMode");
        var manager = new Manager(arguments[0], uint.Parse(arguments[1]), arguments[2]);
        try
        {
            description = manager.Request(Snmp.Get, new uint[] { 1, 3, 6, 1, 2, 1, 1, 1, 0 }).Text;
            names = manager.Walk(root);
            notifications = manager.Notifications(count);
        }
        catch (TimeoutException) { Check.That(false, "waited in vain for a callback"); }
        catch (BrokenException) { }
        manager.Close();
        Check.Succeeds(Snmp.SnmpCleanup(), "Cleanup");
        Check.Fails(Snmp.SnmpClose(manager.Session), Snmp.NotInitialized, "Close after Cleanup");
        Console.WriteLine(
            "{\"program\":\"mono\",\"checks\":" + Check.Count + ",\"failures\":" + Json.Texts(Check.Failures)
            + ",\"vendor\":" + Json.Text(vendor) + ",\"sysDescr\":" + Json.Text(description) + ",\"names\":"
            + Json.Texts(names) + ",\"notifications\":" + Json.List(notifications.ConvertAll(Json.Notification)) + "}");
        return Check.Failures.Count == 0 ? 0 : 1;
    }
}
