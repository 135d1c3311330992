// A static program with several MB of code that computes over much of it, serves HTTP to itself, prints what came out,
// waits for the end of its standard input and exits with 3. With an address as its argument it serves there, to others.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"html/template"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"sync"
)

type record struct {
	Name   string
	Values []int
}

const source = `package p
import "fmt"
func fibonacci(n int) int { if n < 2 { return n }; return fibonacci(n-1)+fibonacci(n-2) }
type Pair[T any] struct { a, b T }
func show() { fmt.Println(Pair[int]{1, 2}) }`

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// page computes a text over many packages; the same each time.
func page() []byte {
	var out bytes.Buffer
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "p.go", source, parser.ParseComments)
	must(err)
	must(format.Node(&out, set, file))
	ast.Inspect(file, func(node ast.Node) bool { return node != nil })
	config := types.Config{Error: func(error) {}}
	checked, _ := config.Check("p", set, []*ast.File{file}, nil)
	fmt.Fprintln(&out, checked.Scope().Names())

	value := record{"n < 3 & more", []int{1, 2, 3}}
	must(json.NewEncoder(&out).Encode(value))
	must(xml.NewEncoder(&out).Encode(value))
	var binary bytes.Buffer
	must(gob.NewEncoder(&binary).Encode(value))
	must(template.Must(template.New("t").Parse("<p>{{.Name}}: {{range .Values}}{{.}} {{end}}\n")).Execute(&out, value))

	picture := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for i := 0; i < 64; i++ {
		picture.Set(i, i*i%64, color.RGBA{uint8(i), 2, 3, 255})
	}
	var encoded bytes.Buffer
	must(png.Encode(&encoded, picture))
	must(jpeg.Encode(&encoded, picture, nil))
	zipped := gzip.NewWriter(&encoded)
	_, err = zipped.Write(binary.Bytes())
	must(err)
	must(zipped.Close())
	fmt.Fprintf(&out, "%x\n", sha256.Sum256(encoded.Bytes()))

	x, _ := elliptic.P256().ScalarBaseMult(big.NewInt(123456789).Bytes())
	key := ecdsa.PublicKey{Curve: elliptic.P256(), X: x, Y: x}
	fmt.Fprintln(&out, key.X, regexp.MustCompile("a+b").FindString("xxaaab"))
	return out.Bytes()
}

func main() {
	address := "127.0.0.1:0"
	if len(os.Args) > 1 {
		address = os.Args[1]
	}
	listener, err := net.Listen("tcp", address)
	must(err)
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(page()) }))
	if len(os.Args) == 1 {
		askItself(listener)
	}
	fmt.Println("ready")
	_, err = io.ReadAll(os.Stdin)
	must(err)
	os.Exit(3)
}

func askItself(listener net.Listener) {
	sums := make([][32]byte, 32)
	var all sync.WaitGroup
	for i := range sums {
		all.Add(1)
		go func(i int) {
			defer all.Done()
			answer, err := http.Get("http://" + listener.Addr().String())
			must(err)
			body, err := io.ReadAll(answer.Body)
			must(err)
			answer.Body.Close()
			sums[i] = sha256.Sum256(body)
		}(i)
		runtime.GC()
	}
	all.Wait()
	for _, sum := range sums {
		if sum != sums[0] {
			fmt.Println("answers differ")
			os.Exit(1)
		}
	}
	fmt.Printf("%s%x\n", page(), sums[0])
}
