/** jSquash's declarations name a global namespace that its package does not bring along as one. */
declare namespace EmscriptenWasm {
  interface Module {
    readonly HEAPU8: Uint8Array;
  }
  type ModuleFactory<M> = (overrides?: { locateFile?(file: string): string }) => Promise<M>;
}
