//go:build wasip1

package main

import "unsafe"

// pinned keeps what was handed to the host alive until the host frees it: the garbage collector can't see the host.
var pinned = map[uint32][]byte{}

//go:wasmexport alloc
func alloc(size uint32) uint32 {
	buffer := make([]byte, max(size, 1))
	address := uint32(uintptr(unsafe.Pointer(&buffer[0])))
	pinned[address] = buffer
	return address
}

//go:wasmexport free
func free(address uint32) {
	delete(pinned, address)
}

// call runs one request. The answer's address is in the upper 32 bits, its length in the lower; the host frees it.
//
//go:wasmexport call
func call(address, length uint32) uint64 {
	answer := handle(pinned[address][:length])
	out := alloc(uint32(len(answer)))
	copy(pinned[out], answer)
	return uint64(out)<<32 | uint64(len(answer))
}
