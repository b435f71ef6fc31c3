// gosnmp as a benchmark peer: one client object per concurrent request, as its documentation asks.
//
// Prints one JSON line per run. Flags, modes and message shapes are those of netsnmp_async.c and of oriel-bench:
// see Benchmarks/README.md.
package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gosnmp/gosnmp"
)

var (
	mode       = flag.String("mode", "get", "get, bulkwalk, walkall or codec")
	agent      = flag.String("agent", "127.0.0.1:161", "ADDRESS:PORT")
	version    = flag.String("version", "2c", "2c or 3")
	community  = flag.String("community", "public", "community of version 2c")
	user       = flag.String("user", "bench", "user of version 3")
	authPass   = flag.String("auth-pass", "bench-auth-pass", "SHA-256 password")
	privPass   = flag.String("priv-pass", "bench-priv-pass", "AES-128 password")
	root       = flag.String("root", ".1.3.6.1.2.1", "subtree to walk")
	window     = flag.Int("window", 1, "concurrent clients")
	count      = flag.Int64("count", 10000, "requests (get), variable bindings (bulkwalk) or messages (codec)")
	repetition = flag.Uint("max-repetitions", 25, "of bulkwalk")
)

func die(why interface{}) {
	fmt.Fprintln(os.Stderr, "gosnmp:", why)
	os.Exit(2)
}

func cpuSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		die(err)
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)*1e-6
}

func connect() *gosnmp.GoSNMP {
	host, portText, err := net.SplitHostPort(*agent)
	if err != nil {
		die(err)
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		die(err)
	}
	client := &gosnmp.GoSNMP{
		Target: host, Port: uint16(port), Timeout: 2 * time.Second, Retries: 3,
		MaxOids: gosnmp.MaxOids, MaxRepetitions: uint32(*repetition),
	}
	switch *version {
	case "2c":
		client.Version, client.Community = gosnmp.Version2c, *community
	case "3":
		client.Version, client.SecurityModel = gosnmp.Version3, gosnmp.UserSecurityModel
		client.MsgFlags = gosnmp.AuthPriv
		client.SecurityParameters = &gosnmp.UsmSecurityParameters{
			UserName:                 *user,
			AuthenticationProtocol:   gosnmp.SHA256,
			AuthenticationPassphrase: *authPass,
			PrivacyProtocol:          gosnmp.AES,
			PrivacyPassphrase:        *privPass,
		}
	default:
		die("-version is 2c or 3")
	}
	if err := client.Connect(); err != nil {
		die(err)
	}
	return client
}

// Ten columns of ifTable's first row, in the order of netsnmp_async.c.
func ifTableNames() []string {
	names := []string{}
	for _, column := range []int{10, 11, 13, 14, 15, 16, 17, 19, 20, 5} {
		names = append(names, fmt.Sprintf(".1.3.6.1.2.1.2.2.1.%d.1", column))
	}
	return names
}

type totals struct{ requests, varbinds, errors int64 }

// Each client takes requests from the common account until it is used up.
func get(client *gosnmp.GoSNMP, left *int64, sum *totals) {
	names := ifTableNames()
	for atomic.AddInt64(left, -1) >= 0 && atomic.LoadInt64(&sum.errors) <= 100 {
		answer, err := client.Get(names)
		if err != nil || answer.Error != gosnmp.NoError {
			atomic.AddInt64(&sum.errors, 1)
			continue
		}
		atomic.AddInt64(&sum.requests, 1)
		atomic.AddInt64(&sum.varbinds, int64(len(answer.Variables)))
	}
}

// Each client walks the subtree again and again until all have seen enough together.
func bulkWalk(client *gosnmp.GoSNMP, left *int64, sum *totals) {
	enough := fmt.Errorf("enough")
	client.OnSent = func(*gosnmp.GoSNMP) { atomic.AddInt64(&sum.requests, 1) }
	for atomic.LoadInt64(left) > 0 && atomic.LoadInt64(&sum.errors) <= 100 {
		var seen int64
		err := client.BulkWalk(*root, func(gosnmp.SnmpPDU) error {
			seen++
			if seen%1000 == 0 && atomic.AddInt64(left, -1000) <= 0 {
				return enough
			}
			return nil
		})
		atomic.AddInt64(left, -(seen % 1000))
		atomic.AddInt64(&sum.varbinds, seen)
		if err != nil && err != enough {
			atomic.AddInt64(&sum.errors, 1)
		}
	}
}

func overNetwork(work func(*gosnmp.GoSNMP, *int64, *totals)) {
	clients := []*gosnmp.GoSNMP{}
	for i := 0; i < *window; i++ {
		client := connect()
		// Outside the measurement, as net-snmp discovers the engine when it opens a session.
		if _, err := client.Get([]string{".1.3.6.1.2.1.1.3.0"}); err != nil {
			die(err)
		}
		clients = append(clients, client)
	}
	var sum totals
	left := *count
	var group sync.WaitGroup
	cpu, start := cpuSeconds(), time.Now()
	for _, client := range clients {
		group.Add(1)
		go func(client *gosnmp.GoSNMP) {
			defer group.Done()
			work(client, &left, &sum)
		}(client)
	}
	group.Wait()
	fmt.Printf("{\"peer\":\"gosnmp\",\"mode\":\"%s\",\"version\":\"%s\",\"window\":%d,\"requests\":%d,"+
		"\"varbinds\":%d,\"wall_s\":%.6f,\"cpu_s\":%.6f,\"errors\":%d}\n",
		*mode, *version, *window, sum.requests, sum.varbinds, time.Since(start).Seconds(), cpuSeconds()-cpu, sum.errors)
}

// One walk with the library's own loop, as collectors use it: how many rows it gives, and whether it says so.
func walkAll() {
	client := connect()
	client.Timeout, client.Retries = time.Second, 2
	rows, err := client.BulkWalkAll(*root)
	said := "nil"
	if err != nil {
		said = err.Error()
	}
	fmt.Printf("{\"peer\":\"gosnmp\",\"mode\":\"walkall\",\"varbinds\":%d,\"error\":%q}\n", len(rows), said)
}

// The response of Benchmarks/README.md.
func sampleResponse() *gosnmp.SnmpPacket {
	variables := []gosnmp.SnmpPDU{}
	add := func(name string, kind gosnmp.Asn1BER, value interface{}) {
		variables = append(variables, gosnmp.SnmpPDU{Name: name, Type: kind, Value: value})
	}
	for i := 0; i < 10; i++ {
		add(fmt.Sprintf(".1.3.6.1.2.1.2.2.1.%d.10001", 10+i), gosnmp.Counter32, uint32(4000000000+i))
	}
	for i := 0; i < 6; i++ {
		add(fmt.Sprintf(".1.3.6.1.2.1.31.1.1.1.%d.10001", 6+i), gosnmp.Counter64, uint64(9000000000000000000)+uint64(i))
	}
	add(".1.3.6.1.2.1.31.1.1.1.1.10001", gosnmp.OctetString, "GigabitEthernet1/0/1")
	add(".1.3.6.1.2.1.31.1.1.1.18.10001", gosnmp.OctetString, "uplink to core-2, rack 14")
	add(".1.3.6.1.2.1.1.3.0", gosnmp.TimeTicks, uint32(123456789))
	add(".1.3.6.1.2.1.1.2.0", gosnmp.ObjectIdentifier, ".1.3.6.1.4.1.9.1.1208")
	return &gosnmp.SnmpPacket{
		Version: gosnmp.Version2c, Community: *community, PDUType: gosnmp.GetResponse, RequestID: 1234567,
		Variables: variables,
	}
}

func codec() {
	packet := sampleResponse()
	decoder := &gosnmp.GoSNMP{Version: gosnmp.Version2c, Community: *community}
	message, err := packet.MarshalMsg()
	if err != nil {
		die(err)
	}
	var varbinds int64
	wall, start := time.Now(), cpuSeconds()
	for i := int64(0); i < *count; i++ {
		if message, err = packet.MarshalMsg(); err != nil {
			die(err)
		}
	}
	middle := cpuSeconds()
	for i := int64(0); i < *count; i++ {
		decoded, err := decoder.SnmpDecodePacket(message)
		if err != nil {
			die(err)
		}
		varbinds += int64(len(decoded.Variables))
	}
	end := cpuSeconds()
	fmt.Printf("{\"peer\":\"gosnmp\",\"mode\":\"codec\",\"requests\":%d,\"varbinds\":%d,\"wall_s\":%.6f,"+
		"\"cpu_s\":%.6f,\"errors\":0,\"encode_cpu_s\":%.6f,\"decode_cpu_s\":%.6f,\"bytes\":%d}\n",
		*count, varbinds, time.Since(wall).Seconds(), end-start, middle-start, end-middle, len(message))
}

func main() {
	flag.Parse()
	if *window < 1 || *count < 1 {
		die("-window and -count are at least 1")
	}
	if !strings.HasPrefix(*root, ".") {
		*root = "." + *root
	}
	switch *mode {
	case "get":
		overNetwork(get)
	case "bulkwalk":
		overNetwork(bulkWalk)
	case "walkall":
		walkAll()
	case "codec":
		codec()
	default:
		die("-mode is get, bulkwalk or codec")
	}
}
