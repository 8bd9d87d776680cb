/** Read the bytes of a message as numbers; they are copied, because messages are not aligned. */
export function uint32(bytes: unknown): Uint32Array {
  return new Uint32Array(copy(bytes));
}

export function float64(bytes: unknown): Float64Array {
  return new Float64Array(copy(bytes));
}

export function uint8(bytes: unknown): Uint8Array {
  return new Uint8Array(copy(bytes));
}

function copy(bytes: unknown): ArrayBuffer {
  if (!ArrayBuffer.isView(bytes)) return new ArrayBuffer(0);
  return (bytes.buffer as ArrayBuffer).slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}
