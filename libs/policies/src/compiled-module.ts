/**
 * @param wasm what the Rego compiler made
 * @returns the module, or why this process can't have it: V8 has limits of its own on how large a function is, how many
 *   there are and how many locals they have
 */
export async function compiledOrNot(wasm: Uint8Array): Promise<WebAssembly.Module | string> {
  try {
    return await WebAssembly.compile(wasm);
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    return error.message;
  }
}
